import type Big from 'big.js';
import { pointsText, zero } from '../../domain/money.ts';
import type { CounterName } from '../../domain/statistics/counter.ts';
import { type Group, type Grouping, newSums, type Sums, type Tally } from '../../domain/statistics/tally.ts';
import { forwardedStatuses, postbackResults } from '../../domain/status.ts';
import { exactMoneyText } from '../settings/amount-text.ts';

type ByCurrency = Readonly<Record<string, string>>;

/** Sums of counters as the API shows them. Counts are whole numbers; amounts are exact decimal text by currency. */
export interface Figures {
  readonly received: number;
  readonly by_result: Readonly<Record<string, number>>;
  readonly by_status: Readonly<Record<string, number>>;
  readonly approval_rate: number | null;
  readonly reversal_rate: number | null;
  readonly upward: ByCurrency;
  readonly downward: ByCurrency;
  readonly margin: ByCurrency;
  readonly points: string;
  readonly delivered: number;
  readonly delivery_failed: number;
  readonly delivery_success_rate: number | null;
}

export function figuresOf(sums: Sums = newSums()): Figures {
  const { upward, downward, points } = sums;
  const count = (name: CounterName): number => sums.counts.get(name) ?? 0;
  const [approved, delivered] = [count('approved'), count('delivered')];
  return {
    received: receivedOf(sums),
    by_result: Object.fromEntries(postbackResults.map((result) => [result, count(result)])),
    by_status: Object.fromEntries(forwardedStatuses.map((status) => [status, count(status)])),
    approval_rate: rateOf(approved, approved + count('rejected')),
    reversal_rate: rateOf(count('reversed'), approved),
    upward: moneyOf(upward),
    downward: moneyOf(downward),
    margin: moneyOf(marginOf(upward, downward)),
    points: pointsText(points),
    delivered,
    delivery_failed: count('failed'),
    delivery_success_rate: rateOf(delivered, delivered + count('failed')),
  };
}

/** Figures of each partner, publisher or offer: the `most` busiest ones, in that order. */
export function figuresBy(
  tally: Tally,
  grouping: Grouping,
  most: number,
): { readonly id: string; readonly figures: Figures; readonly group: Group }[] {
  const busiest = [...tally.groups[grouping]].sort(([, { sums: a }], [, { sums: b }]) => busynessOf(b) - busynessOf(a));
  return busiest.slice(0, most).map(([id, group]) => ({ id, figures: figuresOf(group.sums), group }));
}

/** Received requests weigh more than delivered notifications. */
function busynessOf(sums: Sums): number {
  return receivedOf(sums) * 1_000 + (sums.counts.get('delivered') ?? 0);
}

function receivedOf({ counts }: Sums): number {
  return postbackResults.reduce((sum, result) => sum + (counts.get(result) ?? 0), 0);
}

/** @returns the share with four decimals; null when the whole is 0. */
export function rateOf(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000;
}

function marginOf(upward: ReadonlyMap<string, Big>, downward: ReadonlyMap<string, Big>): ReadonlyMap<string, Big> {
  const currencies = new Set([...upward.keys(), ...downward.keys()]);
  return new Map([...currencies].map((currency) => [currency, (upward.get(currency) ?? zero).minus(downward.get(currency) ?? zero)]));
}

function moneyOf(amounts: ReadonlyMap<string, Big>): ByCurrency {
  return Object.fromEntries(
    [...amounts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([currency, amount]) => [currency, exactMoneyText(amount, currency)]),
  );
}
