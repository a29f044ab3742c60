import type { AnyBody, LocalStack } from '../../support/local-stack.ts';
import { pathParametersOf } from '../../support/openapi/document.ts';
import type { Exchange } from './untruths.ts';

export interface Call {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** A body that is sent as JSON. */
  readonly body?: unknown;
  /** A body that is sent unchanged. */
  readonly raw?: { readonly type: string; readonly body: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** The token; `null`: none is sent. @default - the deployment's */
  readonly token?: string | null;
}

/** Calls operations by the names that the document gives them, and keeps the answers. */
export class Caller {
  readonly exchanges: Exchange[] = [];
  /** The first call of each operation that succeeded. */
  readonly succeeded = new Map<string, Call>();
  readonly stack: LocalStack;

  constructor(stack: LocalStack) {
    this.stack = stack;
  }

  /** `admin('GET /partners', 200)`. */
  admin(operation: string, expected: number, call: Call = {}): Promise<AnyBody> {
    return this.call(operation.replace(' ', ' /api/admin'), expected, call);
  }

  /** @returns the body, parsed if it is JSON. @throws when the status is not the expected one. */
  async call(operation: string, expected: number, call: Call = {}): Promise<AnyBody> {
    const { status, body, headers } = await this.send(operation, call);
    if (status !== expected) throw new Error(`${operation} answered ${status} instead of ${expected}: ${body}`);
    return (headers.get('content-type') ?? '').includes('json') && body !== '' ? JSON.parse(body) : body;
  }

  async send(operation: string, call: Call = {}): Promise<Exchange> {
    const [method = '', template = ''] = operation.split(' ');
    const { token = this.stack.system.adminToken, query = {}, path = {}, body, raw } = call;
    const address = pathParametersOf(template).reduce(
      (filled, name) => filled.replace(`{${name}}`, encodeURIComponent(path[name] ?? 'none-of-these')),
      template,
    );
    const type = body === undefined ? raw?.type : 'application/json';
    const response = await fetch(`${this.stack.url}${address}${this.queryOf(query)}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== null && template.startsWith('/api/admin/') && { authorization: `Bearer ${token}` }),
        ...(type !== undefined && { 'content-type': type }),
        ...call.headers,
      },
      ...(type !== undefined && { body: body === undefined ? (raw?.body ?? '') : JSON.stringify(body) }),
    });
    const exchange = {
      operation,
      query: Object.keys(query),
      ...(body !== undefined && { sent: body }),
      status: response.status,
      headers: response.headers,
      body: await response.text(),
    };
    this.exchanges.push(exchange);
    if (response.status < 400 && !this.succeeded.has(operation)) this.succeeded.set(operation, call);
    return exchange;
  }

  private queryOf(query: Readonly<Record<string, string>>): string {
    const text = new URLSearchParams(query).toString();
    return text === '' ? '' : `?${text}`;
  }
}
