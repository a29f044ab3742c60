import type { Sent } from './delivery.ts';

/**
 * Why an attempt failed without a usable answer, or was refused before it began. The codes are stored and shown, so they are never renamed.
 */
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
  address_refused: 'The host has no IP address that deliveries may go to',
  not_https: 'The URL does not use https',
  credentials_in_url: 'The URL contains a user name or password',
  invalid_url: 'The URL is not valid',
  invalid_request: 'The request could not be built, or a value would have led it to another place than its URL says',
  unexpected_answer: 'The answer is 2xx, but does not contain the text that means success',
  network: 'The connection failed in another way',
} as const satisfies Readonly<Record<string, string>>;
export type FailureCode = keyof typeof failureCodes;

/** A status that is not a redirect, as a code: `http_200`, `http_500`. */
export type HttpCode = `http_${number}`;

/** The result of one attempt, as its delivery keeps it. */
export interface AttemptResult {
  readonly code: HttpCode | FailureCode;
  /** Present as soon as the publisher has sent a status, whatever happened after that. */
  readonly http_status?: number;
  /** From the start of name resolution to the end of the attempt, in whole milliseconds. */
  readonly duration_ms: number;
  /** The beginning of the answer's body: at most 2 KB of UTF-8 without control characters. */
  readonly answer: string;
  /** The `Retry-After` header as sent. */
  readonly retry_after?: string;
  /** Whether it was still unanswered when it counted as slow, and `onSlow` was called. */
  readonly was_slow: boolean;
  /** What was sent, with secrets hidden; absent when nothing could be sent. */
  readonly sent?: Sent | undefined;
}

export type Outcome =
  | { readonly kind: 'delivered' }
  /** The publisher says that this endpoint is gone; it is paused at once. */
  | { readonly kind: 'gone' }
  /** Nothing was sent, and another attempt would send nothing either. It says nothing about the endpoint. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed' };

/** The code of an answer that arrived completely. */
export function answerCode(status: number): HttpCode | 'redirect' {
  return status >= 300 && status < 400 ? 'redirect' : `http_${status}`;
}

/**
 * What an attempt means for its delivery: only 2xx is a success (contract section 3).
 *
 * An answer that is cut off, or not finished in time, is a failure even if it began with 200. Sending again is safe, because deliveries are
 * at least once; trusting such an answer is not.
 */
export function classify({ code }: Pick<AttemptResult, 'code'>): Outcome {
  if (code === 'http_410') return { kind: 'gone' };
  if (code === 'invalid_request') return { kind: 'refused' };
  return { kind: isSuccess(code) ? 'delivered' : 'failed' };
}

export function isSuccess(code: string): boolean {
  return /^http_2\d\d$/.test(code);
}
