import type Big from 'big.js';
import type { Counter } from '../../adapters/dynamo/statistics-reader.ts';
import { moneyText, pointsText, zero } from '../../domain/money.ts';
import { conversionStatuses, postbackResults } from '../../domain/status.ts';

/** Sums of counters. Counts are whole numbers, amounts decimal text by currency. */
export interface Figures {
  readonly received: number;
  readonly by_result: Readonly<Record<string, number>>;
  readonly by_status: Readonly<Record<string, number>>;
  readonly upward: Readonly<Record<string, string>>;
  readonly downward: Readonly<Record<string, string>>;
  readonly points: string;
  readonly delivered: number;
  readonly delivery_failed: number;
}

export function figuresOf(counters: readonly Counter[]): Figures {
  const count = (name: string): number => sumOf(counters, name).toNumber();
  const by_result = Object.fromEntries(postbackResults.map((result) => [result, count(`received_${result}`)]));
  const statuses = conversionStatuses.filter((status) => status !== 'held');
  return {
    received: Object.values(by_result).reduce((sum, one) => sum + one, 0),
    by_result,
    by_status: Object.fromEntries(statuses.map((status) => [status, count(`status_${status}`)])),
    upward: moneyOf(counters, 'upward'),
    downward: moneyOf(counters, 'downward'),
    points: pointsText(sumOf(counters, 'points')),
    delivered: count('delivered'),
    delivery_failed: count('delivery_failed'),
  };
}

/** Figures of each partner, publisher, …, the busiest first, at most `most`. */
export function figuresBy(
  counters: readonly Counter[],
  part: 'day' | 'partner' | 'publisher' | 'offer',
  most: number,
): (Figures & { readonly key: string })[] {
  const groups = Map.groupBy(counters, (counter) => counter[part]);
  groups.delete('');
  return [...groups]
    .map(([key, group]) => ({ key, ...figuresOf(group) }))
    .sort((a, b) => b.received - a.received || b.delivered - a.delivered)
    .slice(0, most);
}

function sumOf(counters: readonly Counter[], name: string): Big {
  return counters.reduce((sum, { counts }) => sum.plus(counts.get(name) ?? zero), zero);
}

function moneyOf(counters: readonly Counter[], name: string): Record<string, string> {
  const byCurrency = Map.groupBy(
    counters.filter(({ counts, currency }) => counts.has(name) && currency !== ''),
    ({ currency }) => currency,
  );
  return Object.fromEntries([...byCurrency].sort().map(([currency, group]) => [currency, moneyText(sumOf(group, name), currency)]));
}

const dayMs = 86_400_000;

/** The last days in UTC, oldest first; the last one is that of `now` (epoch ms). */
export function lastDays(now: number, days: number): string[] {
  return Array.from({ length: days }, (_, index) => new Date(now - (days - 1 - index) * dayMs).toISOString().slice(0, 10));
}
