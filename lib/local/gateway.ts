import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as z from 'zod';
import type { LocalAuthorizer, LocalRoute } from './deployment.ts';
import { sendAnswer, sendGatewayMessage } from './http-answer.ts';
import { type HttpEvent, httpEvent, parseTarget } from './http-event.ts';
import { closeServer, listen } from './http-server.ts';
import { type Invocable, InvocationError } from './invocation.ts';
import { Routes } from './routes.ts';

const largestBodyBytes = 10 * 2 ** 20;
/** HTTP API's limit for the request line and the header values together. */
const largestHeadBytes = 10_240;
const authorizerAnswerSchema = z.object({ isAuthorized: z.boolean(), context: z.record(z.string(), z.unknown()).optional() });

/** Answers a request that is for the local runner itself and not for the app; returns false for any other request. */
export type LocalPages = (request: IncomingMessage, response: ServerResponse) => boolean;

/** An answer that the gateway gives instead of the function. */
class Refusal extends Error {
  override name = 'Refusal';
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/** Serves the routes of the template as API Gateway's HTTP API does. */
export class Gateway {
  private readonly routes: Routes;
  private readonly functions: ReadonlyMap<string, Invocable>;
  private readonly server: Server;
  private waiting = 0;

  constructor(routes: readonly LocalRoute[], functions: ReadonlyMap<string, Invocable>, pages: LocalPages = () => false) {
    this.routes = new Routes(routes);
    this.functions = functions;
    this.server = createServer({ maxHeaderSize: 32_768, keepAliveTimeout: 60_000 }, (request, response) => {
      if (pages(request, response)) return;
      this.handle(request, response).catch((error: unknown) => {
        if (error instanceof Refusal) sendGatewayMessage(response, error.statusCode, error.message);
        else if (error instanceof InvocationError && error.reason === 'timed-out') sendGatewayMessage(response, 503, 'Service Unavailable');
        else if (error instanceof InvocationError && error.reason === 'too-large') sendGatewayMessage(response, 413, 'Request Too Long');
        else sendGatewayMessage(response, 500, 'Internal Server Error');
      });
    });
    this.server.on('clientError', (_, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    });
  }

  /** @returns the port that it listens on. */
  start(port: number): Promise<number> {
    return listen(this.server, port);
  }

  stop(): Promise<void> {
    return closeServer(this.server, 2000);
  }

  /** Partners and users who wait for an answer; people with a token are not among them. */
  get callersWaiting(): number {
    return this.waiting;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (headBytes(request) > largestHeadBytes) throw new Refusal(431, 'Request Header Fields Too Large');
    const target = parseTarget(request.url ?? '/');
    if (!target) throw new Refusal(400, 'Bad Request');
    const match = this.routes.find(request.method ?? 'GET', target.encodedPath);
    if (!match) throw new Refusal(404, 'Not Found');
    const body = await readBody(request);
    const event = httpEvent({ request, target, routeKey: match.route.routeKey, pathParameters: match.pathParameters, body });
    const { authorizer, functionName } = match.route;
    const admitted = authorizer ? await this.authorize(authorizer, event) : event;
    if (!authorizer) this.waiting += 1;
    try {
      sendAnswer(response, await this.function(functionName).invoke(admitted));
    } finally {
      if (!authorizer) this.waiting -= 1;
    }
  }

  /** @returns the event with what the authorizer says about the caller. */
  private async authorize(authorizer: LocalAuthorizer, event: HttpEvent): Promise<HttpEvent> {
    const identitySource = authorizer.identitySources.map((source) => identity(source, event));
    // When an identity source is missing from the request, API Gateway refuses it without asking the authorizer.
    if (identitySource.includes(undefined)) throw new Refusal(401, 'Unauthorized');
    const { body: _, isBase64Encoded: __, ...request } = event;
    const answer = await this.askAuthorizer(authorizer, {
      ...request,
      type: 'REQUEST',
      routeArn: `arn:aws:execute-api:local:000000000000:local/$default/${event.routeKey.replace(' ', '')}`,
      identitySource,
    });
    if (!answer.isAuthorized) throw new Refusal(403, 'Forbidden');
    return { ...event, requestContext: { ...event.requestContext, authorizer: { lambda: answer.context ?? {} } } };
  }

  private async askAuthorizer(authorizer: LocalAuthorizer, event: object): Promise<z.output<typeof authorizerAnswerSchema>> {
    try {
      return authorizerAnswerSchema.parse(await this.function(authorizer.functionName).invoke(event));
    } catch (error) {
      // An authorizer asks for a 401 by throwing exactly this word.
      if (error instanceof InvocationError && error.message === 'Unauthorized') throw new Refusal(401, 'Unauthorized');
      throw error;
    }
  }

  private function(name: string): Invocable {
    const host = this.functions.get(name);
    if (!host) throw new Error(`no function ${name}`);
    return host;
  }
}

function headBytes({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): number {
  const values = rawHeaders.filter((_, index) => index % 2 === 1);
  return [`${method} ${url} HTTP/${httpVersion}`, ...values].reduce((sum, text) => sum + Buffer.byteLength(text, 'latin1'), 0);
}

/** @returns the value, or `undefined` when the request does not have it. */
function identity(source: string, event: HttpEvent): string | undefined {
  const [, kind, name = ''] = /^\$request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  const value = kind === 'header' ? event.headers[name.toLowerCase()] : event.queryStringParameters?.[name];
  return value === '' ? undefined : value;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Reads a body that is too large to its end without keeping it: a caller that is still sending would not see the answer.
  for await (const chunk of request) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size <= largestBodyBytes) chunks.push(bytes);
    else chunks.length = 0;
    if (size > 4 * largestBodyBytes) request.destroy();
  }
  if (size > largestBodyBytes) throw new Refusal(413, 'Request Entity Too Large');
  return Buffer.concat(chunks);
}
