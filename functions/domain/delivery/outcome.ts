import type { Sent } from './delivery.ts';

/** Why an attempt failed without a usable answer, or was refused before it began. Stored and shown: never renamed. */
export const failureCodes = {
  timeout: 'No complete answer within the time of one attempt',
  dns: 'The name of the host could not be resolved',
  connect_refused: 'The host refused the connection',
  unreachable: 'There is no route to the host',
  tls: 'The TLS handshake or the certificate failed',
  reset: 'The connection was lost before the answer began',
  incomplete_answer: 'The connection was lost in the middle of the answer',
  invalid_answer: 'The answer is not HTTP',
  headers_too_large: 'The headers of the answer are too large',
  redirect: 'The answer is a redirect, and redirects are not followed',
  address_refused: 'The host has no address that deliveries may go to',
  not_https: 'The address does not use https',
  credentials_in_url: 'The address holds a user name or password',
  invalid_url: 'The address is not a valid URL',
  invalid_request: 'The request could not be built, or a value would have led it elsewhere than its address says',
  unexpected_answer: 'The answer is 2xx, but does not hold the text that says success',
  network: 'The connection failed in another way',
} as const satisfies Readonly<Record<string, string>>;
export type FailureCode = keyof typeof failureCodes;

/** A status that is not a redirect, as a code: `http_200`, `http_500`. */
export type HttpCode = `http_${number}`;

/** What one attempt brought, as kept with its delivery. */
export interface AttemptResult {
  readonly code: HttpCode | FailureCode;
  /** Present as soon as the publisher sent a status, whatever came after it. */
  readonly http_status?: number;
  /** From the start of name resolution to the end of the attempt, in whole milliseconds. */
  readonly duration_ms: number;
  /** The beginning of the answer's body: at most 2 KB of UTF-8 without control characters. */
  readonly answer: string;
  /** The `Retry-After` header as sent. */
  readonly retry_after?: string;
  /** It was still unanswered after the time that counts as a strike, and `onSlow` was called. */
  readonly was_slow: boolean;
  /** What was sent, secrets hidden; absent when nothing could be. */
  readonly sent?: Sent | undefined;
}

export type Outcome =
  | { readonly kind: 'delivered' }
  /** The publisher says that this endpoint is gone: it is paused at once. */
  | { readonly kind: 'gone' }
  /** Nothing was sent, and nothing would be another time: it says nothing of the endpoint. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed' };

/** The code of an answer that arrived whole. */
export function answerCode(status: number): HttpCode | 'redirect' {
  return status >= 300 && status < 400 ? 'redirect' : `http_${status}`;
}

/**
 * What an attempt means for its delivery: success is 2xx only (contract section 3).
 *
 * An answer cut off in its middle, or not finished in time, is a failure even if it began with 200: sending again is safe,
 * because deliveries are at least once, and believing it is not.
 */
export function classify({ code }: Pick<AttemptResult, 'code'>): Outcome {
  if (code === 'http_410') return { kind: 'gone' };
  if (code === 'invalid_request') return { kind: 'refused' };
  return { kind: isSuccess(code) ? 'delivered' : 'failed' };
}

export function isSuccess(code: string): boolean {
  return /^http_2\d\d$/.test(code);
}
