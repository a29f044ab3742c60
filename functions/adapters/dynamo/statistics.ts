import { NumberValue } from '@aws-sdk/lib-dynamodb';
import type Big from 'big.js';
import { dayMs, quarterMs } from '../../domain/statistics/calendar.ts';
import type { CounterName } from '../../domain/statistics/counter.ts';
import type { Write } from './transactions.ts';

/** What a counter is kept by; the parts are joined by `|`, which no id contains. */
export interface CounterKey {
  /** Epoch milliseconds. The counter is kept in the row of its UTC hour, under the quarter of that hour. */
  readonly at: number;
  /** For attempts: the name of an endpoint. */
  readonly publisher?: string | undefined;
  readonly partner?: string | undefined;
  readonly offer?: string | undefined;
  /** For amounts: ISO 4217. */
  readonly currency?: string | undefined;
}

/** Amounts to add to the named numbers of a counter. */
export type Additions = ReadonlyMap<CounterName, Big>;

/** Each day's counters are spread over these shards, so that a busy day is not one hot key. */
export const counterShards = 8;
const keptSeconds = 800 * 86_400;
const hourMs = 3_600_000;

/**
 * A shard of a day. `again` is apart from the others: it counts changes by requests that are processed again, possibly long after their
 * day.
 */
export type Shard = number | 'again';

/** The partition of a day and shard. @param at epoch milliseconds, any time of the day. */
export function dayShard(at: number, shard: Shard): string {
  return `${new Date(at).toISOString().slice(0, 10)}#${shard}`;
}

/** The beginning of the name of every row with this key, for any hour. */
export function counterName({ publisher = '', partner = '', offer = '', currency = '' }: Omit<CounterKey, 'at'>): string {
  return `${[publisher, partner, offer, currency].join('|')}|`;
}

/**
 * A write that adds to a counter. It is part of the transaction that causes it, so the counter is exact under repetition. An hour's row has
 * one number for each name and quarter and stays below 1 KB, so quarters cost no more write units than days would.
 *
 * Amounts are kept for good, since publishers' statements are made of them.
 */
export function addToCounter(table: string, key: CounterKey, shard: Shard, additions: Additions): Write {
  const names = [...additions.keys()];
  const hour = Math.floor((key.at % dayMs) / hourMs);
  const quarter = Math.floor((key.at % hourMs) / quarterMs);
  const expires = key.currency === undefined ? Math.floor(key.at / 1_000) + keptSeconds : undefined;
  return {
    Update: {
      TableName: table,
      Key: {
        day_shard: dayShard(key.at, shard === 'again' ? shard : shard % counterShards),
        counter: `${counterName(key)}${String(hour).padStart(2, '0')}`,
      },
      UpdateExpression: `ADD ${names.map((_, index) => `#n${index} :v${index}`).join(', ')}${expires === undefined ? '' : ' SET expires_at = :expires'}`,
      ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#n${index}`, `${quarter}${name}`])),
      ExpressionAttributeValues: {
        ...Object.fromEntries([...additions.values()].map((value, index) => [`:v${index}`, NumberValue.from(value.toFixed())])),
        ...(expires === undefined ? {} : { ':expires': expires }),
      },
    },
  };
}
