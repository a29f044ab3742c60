import type Big from 'big.js';
import { forwardedStatuses, postbackResults } from '../status.ts';

/**
 * What is counted: requests by their result, changes of conversions by their new status, attempts of deliveries, and amounts as they are
 * settled. Amounts of the ledger are kept apart by their sign, so that an account's statement can be computed from them (contract section
 * 4).
 */
export const counterNames = [
  ...postbackResults,
  ...forwardedStatuses,
  /** Change of what partners owe, in the counter's currency. */
  'upward',
  /** Downward payouts, and what was taken back of them, which is a negative amount. In the counter's currency. */
  'earned',
  'taken_back',
  /** The same amounts in points. */
  'points_earned',
  'points_taken_back',
  /** Attempts to deliver, by their outcome. */
  'delivered',
  'failed',
] as const;
export type CounterName = (typeof counterNames)[number];

/** What was counted in a quarter of an hour for one publisher, partner, offer and currency; `''` means none of that kind. */
export interface Counter {
  /** Epoch milliseconds: when the quarter begins. */
  readonly at: number;
  readonly publisher: string;
  readonly partner: string;
  readonly offer: string;
  readonly currency: string;
  readonly counts: ReadonlyMap<CounterName, Big>;
}

/** The key of a counter: the same for counters of the same quarter, publisher, partner, offer and currency. Ids contain no `|`. */
export function counterKey({ at, publisher, partner, offer, currency }: Counter): string {
  return [at, publisher, partner, offer, currency].join('|');
}
