import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { createSigner } from './signature.ts';

/** An answer that is no success. Its name is AWS's, as in `ConditionalCheckFailedException`. */
export class ServiceError extends Error {
  readonly status: number;
  /** The answer's other members. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(name: string, message: string, status: number, details: Readonly<Record<string, unknown>>) {
    super(message);
    this.name = name;
    this.status = status;
    this.details = details;
  }
}

/**
 * Asks a service to do something, up to three times.
 *
 * @param endpoint where it is, as in `https://dynamodb.us-east-1.amazonaws.com`.
 * @param operation as in `GetItem`.
 * @throws ServiceError with the service's answer; any other error: nobody knows whether it was done.
 */
export type JsonService = (endpoint: string, operation: string, input: object) => Promise<Readonly<Record<string, unknown>>>;

export interface JsonServiceOptions {
  /** The name that requests are signed for. */
  readonly service: string;
  /** What the names of operations stand behind, as in `DynamoDB_20120810`. */
  readonly target: string;
  /** Holds the region and the credentials, which are there for as long as a function's instance is. */
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Time limits are short: a caller that waits longer than its partner's patience has lost the request anyway, and every write here is
 * safe to repeat.
 */
const attemptTimeoutMs = 3_000;
const mostAttempts = 3;
const firstDelayMs = 100;
const throttled = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'ThrottledException',
  'ThrottlingException',
  'TransactionInProgressException',
]);

/** Connections are kept, and the one that was used last is used next: it is the least likely to have been closed meanwhile. */
const pooling = { keepAlive: true, scheduling: 'lifo', maxSockets: 50 } as const;

/**
 * One of AWS's services that speak JSON over HTTP.
 *
 * The SDK's client does the same and takes three times as long: it resolves its middleware, the service's address, the credentials and
 * a schema for each request. On the way of a postback that is half of all the work.
 */
export function createJsonService({ service, target, environment }: JsonServiceOptions): JsonService {
  const agents = { http: new HttpAgent(pooling), https: new HttpsAgent(pooling) };
  const token = environment['AWS_SESSION_TOKEN'];
  const sign = createSigner(service, environment['AWS_REGION'] ?? '', {
    accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
  });

  const attempt = (url: URL, operation: string, body: string): Promise<IncomingMessage> => {
    const date = new Date().toISOString().replaceAll(/[:-]|\.\d{3}/g, '');
    const headers = {
      host: url.host,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-date': date,
      'x-amz-target': `${target}.${operation}`,
      ...(token !== undefined && { 'x-amz-security-token': token }),
    };
    // Joins what the queue leads to with what led to it; Lambda sets it anew for each event.
    const trace = environment['_X_AMZN_TRACE_ID'];
    const options = {
      method: 'POST',
      headers: {
        ...headers,
        'content-length': Buffer.byteLength(body),
        authorization: sign({ headers, body, date }),
        ...(trace !== undefined && { 'x-amzn-trace-id': trace }),
      },
    };
    return new Promise((resolve, reject) => {
      const request =
        url.protocol === 'http:'
          ? httpRequest(url, { ...options, agent: agents.http }, resolve)
          : httpsRequest(url, { ...options, agent: agents.https }, resolve);
      const timer = setTimeout(
        () => request.destroy(new Error(`${operation} was not answered within ${attemptTimeoutMs} ms`)),
        attemptTimeoutMs,
      );
      request.on('error', reject).on('close', () => clearTimeout(timer));
      request.end(body);
    });
  };

  return async (endpoint, operation, input) => {
    const url = new URL('/', endpoint);
    const body = JSON.stringify(input);
    for (let tried = 1; ; tried += 1) {
      try {
        return await read(await attempt(url, operation, body));
      } catch (error) {
        const final = error instanceof ServiceError && error.status < 500 && !throttled.has(error.name);
        if (final || tried === mostAttempts) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * firstDelayMs * 2 ** tried));
      }
    }
  };
}

/** @throws ServiceError when it says that it was not done. */
async function read(response: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const { statusCode: status = 0 } = response;
  const body = parse(text);
  if (status === 200 && body !== undefined) return body;
  const { __type: type, message, Message, ...details } = body ?? {};
  const name = String(type ?? `Status${status}`).replace(/^.*#/, '');
  throw new ServiceError(name, String(message ?? Message ?? name), body === undefined ? 500 : status, details);
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
