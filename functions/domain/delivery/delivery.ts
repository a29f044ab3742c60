import type { PublisherId } from '../ids.ts';
import type { Forwarded } from './payload.ts';

export const deliveryStatuses = ['scheduled', 'delivered', 'failing', 'held', 'dead', 'no_url'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** One outbound request of a delivery, with its result. */
export interface Attempt {
  /** ISO 8601. */
  readonly at: string;
  /** `http_200`, or what went wrong: `http_500`, `timeout`, … */
  readonly code: string;
  readonly http_status?: number | undefined;
  readonly duration_ms: number;
  /** The beginning of the answer's body; see {@link withAttempt}. */
  readonly answer?: string | undefined;
}

/** What the last attempt sent. */
export interface Sent {
  readonly method: string;
  /** Cut in the same way as the body. */
  readonly url: string;
  /** Names are in lower case; a secret value is `***`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The first 2 KB. */
  readonly body?: string | undefined;
}

/** One notification to a publisher. The row appears with its first attempt, or with the reason why there is none. */
export interface Delivery {
  readonly delivery_id: string;
  /** For an alert: the alert's id. */
  readonly publisher_id: PublisherId;
  /** The publisher's postback; absent: the plain one. */
  readonly postback_id?: string | undefined;
  /** The conversion that it is about. Absent for forward-only partners and alerts. */
  readonly conversion_id?: string | undefined;
  /** Index of the step among the conversion's steps. */
  readonly step?: number | undefined;
  /** The number of the conversion's visible change that it reports: 1, 2, 3. */
  readonly sequence?: number | undefined;
  /** Forward-only: the postback's parameters as they were received, in their order (contract 1.10). */
  readonly parameters?: Forwarded['parameters'] | undefined;
  readonly said?: Forwarded['said'] | undefined;
  /** For an alert: the body that is sent. */
  readonly alert?: string | undefined;
  readonly log_id: string;
  readonly status: DeliveryStatus;
  readonly attempts: readonly Attempt[];
  readonly sent?: Sent | undefined;
  readonly created_at: string;
  /** When the next attempt is due, ISO 8601; absent when none is. */
  readonly next_attempt_at?: string | undefined;
  /** The time (epoch ms) that the rate limit of its postback has reserved for it. */
  readonly reserved_for?: number | undefined;
  readonly delivered_at?: string | undefined;
}

/** The most attempts of one delivery, however often it is resent: this limits the size of its row. */
export const mostAttemptsKept = 100;
/** The most bytes of all answers of a delivery together, in UTF-8 (contract 1.7). */
const mostAnswerBytes = 2_048;
/** The most bytes of an older answer. */
const olderAnswerBytes = 256;

/**
 * The attempts with one more. The newest answer is kept up to 2 KB; what is left of the 2 KB goes to the beginnings of the older answers,
 * the newest of them first.
 */
export function withAttempt(attempts: readonly Attempt[], made: Attempt): Attempt[] {
  let left = mostAnswerBytes;
  const kept: Attempt[] = [];
  for (const attempt of [made, ...attempts.toReversed()]) {
    const answer = cutText(attempt.answer ?? '', Math.min(left, attempt === made ? mostAnswerBytes : olderAnswerBytes));
    left -= byteLength(answer);
    const { answer: _whole, ...rest } = attempt;
    kept.unshift(answer === '' ? rest : { ...rest, answer });
  }
  return kept;
}

/** The beginning of a text, limited in bytes of UTF-8; a character is never split. */
export function cutText(text: string, mostBytes: number): string {
  if (text.length * 3 <= mostBytes) return text;
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(mostBytes));
  return text.slice(0, read);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
