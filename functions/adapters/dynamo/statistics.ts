import { NumberValue } from '@aws-sdk/lib-dynamodb';
import type Big from 'big.js';
import type { Write } from './transactions.ts';

/** What a counter is kept by; the parts are joined by `|`, which no id holds. */
export interface CounterKey {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly partner: string;
  readonly publisher?: string | undefined;
  readonly offer?: string | undefined;
  readonly currency?: string | undefined;
}

/** Amounts to add to the named numbers of a counter. */
export type Additions = ReadonlyMap<string, Big>;

/** Each day's counters are spread, so that a busy day is not one hot key. */
export const counterShards = 8;
const keptSeconds = 800 * 86_400;

export function counterName({ partner, publisher = '', offer = '', currency = '' }: CounterKey): string {
  return [partner, publisher, offer, currency].join('|');
}

/** A write that adds to a counter; in the transaction that causes it, so it is exact under repetition. */
export function addToCounter(table: string, key: CounterKey, shard: number, additions: Additions): Write {
  const names = [...additions.keys()];
  return {
    Update: {
      TableName: table,
      Key: { day_shard: `${key.day}#${shard % counterShards}`, counter: counterName(key) },
      UpdateExpression: `ADD ${names.map((_, index) => `#n${index} :v${index}`).join(', ')} SET expires_at = :expires`,
      ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#n${index}`, name])),
      ExpressionAttributeValues: {
        ...Object.fromEntries([...additions.values()].map((value, index) => [`:v${index}`, NumberValue.from(value.toFixed())])),
        ':expires': Math.floor(Date.parse(key.day) / 1_000) + keptSeconds,
      },
    },
  };
}
