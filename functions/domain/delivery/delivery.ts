import type { PublisherId } from '../ids.ts';
import type { Forwarded } from './payload.ts';

export const deliveryStatuses = ['scheduled', 'delivered', 'failing', 'held', 'dead', 'no_url'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** One outbound request of a delivery and what came of it. */
export interface Attempt {
  /** ISO 8601. */
  readonly at: string;
  readonly url: string;
  /** `delivered`, or what went wrong: `http_500`, `timeout`, … */
  readonly code: string;
  readonly http_status?: number | undefined;
  readonly duration_ms: number;
  /** The first 2 KB of the answer's body. */
  readonly answer?: string | undefined;
}

/** One notification to a publisher. The row appears with its first attempt, or with the reason why there is none. */
export interface Delivery {
  readonly delivery_id: string;
  readonly publisher_id: PublisherId;
  /** What it is about: a step of a conversion. Absent for forward-only partners. */
  readonly conversion_id?: string | undefined;
  /** Index of the step among the conversion's steps. */
  readonly step?: number | undefined;
  /** Forward-only: the postback's parameters as they came, in their order (contract 1.10). */
  readonly parameters?: Forwarded['parameters'] | undefined;
  readonly said?: Forwarded['said'] | undefined;
  readonly log_id: string;
  readonly status: DeliveryStatus;
  readonly attempts: readonly Attempt[];
  readonly created_at: string;
  /** When the next attempt is due, ISO 8601; absent when none is. */
  readonly next_attempt_at?: string | undefined;
  readonly delivered_at?: string | undefined;
}
