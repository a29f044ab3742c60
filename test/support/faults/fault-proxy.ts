import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeServer, listen } from '../../../lib/local/http-server.ts';

/** A call to AWS on its way through the proxy. */
export interface ProxiedCall {
  /** `TransactWriteItems`, `SendMessage`, … */
  readonly operation: string;
  /** Counts from 1 over all calls of the proxy. */
  readonly number: number;
  readonly body: string;
}

/** What goes wrong with one call. By default nothing does. */
export interface Fault {
  /** Milliseconds before the call continues. */
  readonly delayMs?: number;
  /** The proxy answers this itself, and the service never receives the call. */
  readonly refuse?: { readonly status: number; readonly type: string; readonly more?: object };
  /** The connection is cut before the service receives the call. */
  readonly drop?: boolean;
  /** The service does the work, and the connection is cut instead of an answer. */
  readonly loseAnswer?: boolean;
  /** How often the service is called; the caller gets the first answer. */
  readonly times?: number;
  /** Called before the call reaches the service, and after the service has answered. */
  readonly before?: () => Promise<void> | void;
  readonly after?: () => Promise<void> | void;
}

export type Fate = (call: ProxiedCall) => Fault | undefined;

export const internalError: Fault = { refuse: { status: 500, type: 'InternalServerError' } };
export const throttled: Fault = { refuse: { status: 400, type: 'ThrottlingException' } };

/** DynamoDB's answer when another transaction is working on the same rows. */
export function conflicted({ body }: ProxiedCall): Fault {
  const { TransactItems = [] } = JSON.parse(body) as { TransactItems?: readonly unknown[] };
  const CancellationReasons = TransactItems.map((_, index) =>
    index === 0 ? { Code: 'TransactionConflict', Message: 'conflict' } : { Code: 'None' },
  );
  return { refuse: { status: 400, type: 'TransactionCanceledException', more: { Message: 'Transaction cancelled', CancellationReasons } } };
}

/** A real HTTP proxy between the functions and one of the emulators, in which calls go wrong as an experiment demands. */
export class FaultProxy {
  /** The number of calls that went wrong, by what happened to them. */
  readonly faults = new Map<string, number>();
  url = '';
  private fate: Fate = () => undefined;
  private calls = 0;
  private readonly target: URL;
  private readonly server: Server;
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(target: string) {
    this.target = new URL(target);
    this.server = createServer((request, response) => {
      this.handle(request, response).catch(() => response.destroy());
    });
  }

  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    proxy.url = `http://127.0.0.1:${await listen(proxy.server, 0)}`;
    return proxy;
  }

  /** Makes calls go wrong in this way from now on. */
  decide(fate: Fate): void {
    this.fate = fate;
  }

  /** Makes nothing go wrong from now on. */
  heal(): void {
    this.fate = () => undefined;
  }

  async stop(): Promise<void> {
    await closeServer(this.server, 0);
    this.agent.destroy();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    this.calls += 1;
    const operation = String(request.headers['x-amz-target'] ?? '').replace(/^.*\./, '');
    const fault = this.fate({ operation, number: this.calls, body: body.toString('utf8') });
    if (fault !== undefined) this.note(fault);
    if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
    await fault?.before?.();
    if (fault?.drop) {
      request.socket.destroy();
      return;
    }
    if (fault?.refuse !== undefined) {
      const { status, type, more } = fault.refuse;
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: type, ...more }));
      return;
    }
    const answer = await this.pass(request, body);
    for (let copy = 1; copy < (fault?.times ?? 1); copy += 1) await this.pass(request, body);
    await fault?.after?.();
    if (fault?.loseAnswer) {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  }

  private pass(request: IncomingMessage, body: Buffer): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const options = {
        host: this.target.hostname,
        port: this.target.port,
        method: request.method,
        path: request.url,
        headers: request.headers,
        agent: this.agent,
      };
      const passed = httpRequest(options, (answer) => {
        buffer(answer).then((answered) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: answered }), reject);
      });
      passed.on('error', reject).end(body);
    });
  }

  private note(fault: Fault): void {
    const kind = fault.refuse?.type ?? Object.keys(fault)[0] ?? 'none';
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
  }
}
