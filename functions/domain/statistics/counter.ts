import type Big from 'big.js';
import { forwardedStatuses, postbackResults } from '../status.ts';

/**
 * What is counted: requests by their result, changes of conversions by their new status, attempts of deliveries, and amounts as they
 * settle. Those of the ledger are kept apart by their sign, so that an account can be stated from them (contract section 4).
 */
export const counterNames = [
  ...postbackResults,
  ...forwardedStatuses,
  /** Change of what partners owe, in the counter's currency. */
  'upward',
  /** Downward payouts, and what of them was taken back: a negative amount. In the counter's currency. */
  'earned',
  'taken_back',
  /** The same in points. */
  'points_earned',
  'points_taken_back',
  /** Attempts to deliver, by how they ended. */
  'delivered',
  'failed',
] as const;
export type CounterName = (typeof counterNames)[number];

/** What was counted in a quarter of an hour for one publisher, partner, offer and currency; a part that is `''` stands for none. */
export interface Counter {
  /** Epoch milliseconds: when the quarter begins. */
  readonly at: number;
  readonly publisher: string;
  readonly partner: string;
  readonly offer: string;
  readonly currency: string;
  readonly counts: ReadonlyMap<CounterName, Big>;
}

/** Two of the same quarter, publisher, partner, offer and currency have the same; ids hold no `|`. */
export function counterKey({ at, publisher, partner, offer, currency }: Counter): string {
  return [at, publisher, partner, offer, currency].join('|');
}
