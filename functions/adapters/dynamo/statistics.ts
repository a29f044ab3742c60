import { NumberValue } from '@aws-sdk/lib-dynamodb';
import type Big from 'big.js';
import { dayMs, quarterMs } from '../../domain/statistics/calendar.ts';
import type { CounterName } from '../../domain/statistics/counter.ts';
import type { Write } from './transactions.ts';

/** What a counter is kept by; the parts are joined by `|`, which no id holds. */
export interface CounterKey {
  /** Epoch milliseconds: it is kept in the row of its hour in UTC, under the quarter of it. */
  readonly at: number;
  /** Or an endpoint, of attempts. */
  readonly publisher?: string | undefined;
  readonly partner?: string | undefined;
  readonly offer?: string | undefined;
  /** Of amounts: ISO 4217. */
  readonly currency?: string | undefined;
}

/** Amounts to add to the named numbers of a counter. */
export type Additions = ReadonlyMap<CounterName, Big>;

/** Each day's counters are spread, so that a busy day is not one hot key. */
export const counterShards = 8;
const keptSeconds = 800 * 86_400;
const hourMs = 3_600_000;

/** One of the shards of a day, or apart from them: what changes when a request is processed again, maybe long after its day. */
export type Shard = number | 'again';

/** The rows of a day and shard. @param at epoch milliseconds, any of the day. */
export function dayShard(at: number, shard: Shard): string {
  return `${new Date(at).toISOString().slice(0, 10)}#${shard}`;
}

/** Begins the name of every row of the key, whatever its hour. */
export function counterName({ publisher = '', partner = '', offer = '', currency = '' }: Omit<CounterKey, 'at'>): string {
  return `${[publisher, partner, offer, currency].join('|')}|`;
}

/**
 * A write that adds to a counter; in the transaction that causes it, so it is exact under repetition. An hour's row has one number for
 * each name and quarter and stays below 1 KB, so that keeping quarters costs no more write units than keeping days.
 *
 * Amounts are kept for good: a publisher's statement is made of them.
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
