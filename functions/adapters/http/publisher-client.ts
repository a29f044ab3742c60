import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { slowAfterMs as usualSlowAfterMs } from '../../domain/delivery/circuit.ts';
import { type AttemptResult, answerCode, isSuccess } from '../../domain/delivery/outcome.ts';
import type { PostbackMethod } from '../../domain/settings.ts';
import { isGloballyRoutable } from '../addresses.ts';
import { readAnswer } from './answer.ts';
import { failureCodeOf, nodeCodeOf } from './attempt-error.ts';
import { type Destination, type OutboundPolicy, readDestination } from './destination.ts';
import { createGuardedAgents } from './guarded-agent.ts';
import { nameServerResolve, type Resolve, systemResolve } from './resolve.ts';

// We use Node's own client instead of undici, which would add half a megabyte to the processor's bundle. Node's is in the runtime and is
// patched with it, it never follows a redirect or decodes a body, and it lets an agent make its own connections, which is all that the
// check of IP addresses needs.

/** Time for one attempt in all: name resolution, connection, headers and body (contract section 3). */
const attemptTimeoutMs = 10_000;
const mostHeaderBytes = 16 * 1024;
const longestRetryAfter = 100;
export const userAgent = 'postback-system/0.1.0';

export interface PublisherClientOptions {
  readonly policy: OutboundPolicy;
  /** Absent: the name servers for `public`, the operating system for `local`. */
  readonly resolve?: Resolve;
  /** Milliseconds for one attempt. Default: 10,000; a test may need less. */
  readonly timeoutMs?: number;
}

export interface PublisherRequest {
  /** The URL with its macros filled. */
  readonly url: string;
  readonly method: PostbackMethod;
  readonly headers: Readonly<Record<string, string>>;
  /** For POST. */
  readonly body?: string | undefined;
  /** Called at most once, when no answer has begun after `slowAfterMs`. It must not throw. */
  readonly onSlow?: (() => void) | undefined;
  /** Whether the text of a 2xx answer means success; absent: any text does. */
  readonly accepts?: ((answer: string) => boolean) | undefined;
  /** Default: 3,000. */
  readonly slowAfterMs?: number | undefined;
}

export interface PublisherClient {
  /** Makes one attempt. Never rejects: every failure is a result. */
  send(request: PublisherRequest): Promise<AttemptResult>;
  /** Closes the kept connections. */
  close(): void;
}

/** The only client for URLs that other people have chosen. */
export function createPublisherClient({ policy, resolve, timeoutMs = attemptTimeoutMs }: PublisherClientOptions): PublisherClient {
  const agents = createGuardedAgents({
    permits: policy === 'public' ? isGloballyRoutable : (address) => isGloballyRoutable(address) || isLoopback(address),
    resolve: resolve ?? (policy === 'public' ? nameServerResolve() : systemResolve),
    timeoutMs,
  });

  async function send({
    url,
    method,
    headers,
    body,
    onSlow,
    accepts,
    slowAfterMs = usualSlowAfterMs,
  }: PublisherRequest): Promise<AttemptResult> {
    const started = performance.now();
    let head: { readonly http_status: number; readonly retry_after?: string } | undefined;
    let was_slow = false;
    const result = (code: AttemptResult['code'], answer: string): AttemptResult => {
      return { code, ...head, duration_ms: Math.round(performance.now() - started), answer, was_slow };
    };
    const expiry = new AbortController();
    const expiryTimer = setTimeout(() => expiry.abort(), timeoutMs);
    const slowTimer = setTimeout(() => {
      was_slow = true;
      onSlow?.();
    }, slowAfterMs);
    try {
      const destination = readDestination(url, policy);
      const options: RequestOptions = {
        hostname: destination.hostname,
        port: destination.port,
        path: destination.target,
        method,
        // `identity` makes sure that an answer cannot expand to more than was sent. An answer that is encoded all the same is never
        // decoded.
        headers: { ...headers, 'user-agent': userAgent, 'accept-encoding': 'identity' },
        agent: destination.secure ? agents.https : agents.http,
        maxHeaderSize: mostHeaderBytes,
        insecureHTTPParser: false,
      };
      const response = await exchange(destination, options, body, expiry.signal);
      clearTimeout(slowTimer);
      const { statusCode = 0, headers: answered } = response;
      const retryAfter = answered['retry-after']?.slice(0, longestRetryAfter);
      head = { http_status: statusCode, ...(retryAfter === undefined ? {} : { retry_after: retryAfter }) };
      const read = await readAnswer(response);
      const { whole, kept } = (answered['content-encoding'] ?? 'identity') === 'identity' ? read : { whole: '', kept: '' };
      const code = answerCode(statusCode);
      return result(isSuccess(code) && accepts?.(whole) === false ? 'unexpected_answer' : code, kept);
    } catch (error) {
      if (expiry.signal.aborted) return result('timeout', '');
      return result(head === undefined ? failureCodeOf(error) : 'incomplete_answer', '');
    } finally {
      clearTimeout(slowTimer);
      clearTimeout(expiryTimer);
    }
  }

  return {
    send,
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** Only the plain forms count: a local run does not need IPv4 addresses mapped into IPv6. */
function isLoopback(address: string): boolean {
  return address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address);
}

/** Sends the request and waits for the headers of the answer. */
async function exchange(
  destination: Destination,
  options: RequestOptions,
  body: string | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  for (;;) {
    const request = destination.secure ? httpsRequest(options) : httpRequest(options);
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        request.on('response', resolve).on('error', reject).end(body);
        // A request that still waits for its socket reports nothing when it is destroyed, so the wait ends here.
        signal.addEventListener('abort', () => {
          request.destroy();
          reject(signal.reason);
        });
      });
    } catch (error) {
      // The host closed a kept connection just when it was used again, or while this function was frozen. That says nothing about the host,
      // and must not cost an attempt. Each round uses up one kept connection, and a fresh one ends the loop.
      const wasStale = request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(nodeCodeOf(error));
      if (!wasStale || signal.aborted) throw error;
    }
  }
}
