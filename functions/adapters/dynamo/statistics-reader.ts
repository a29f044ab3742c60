import { type DynamoDBDocumentClient, NumberValue } from '@aws-sdk/lib-dynamodb';
import Big from 'big.js';
import { queryAll } from './query-all.ts';
import { type CounterKey, counterShards } from './statistics.ts';

/** Numbers that were counted for one day, partner, publisher, offer and currency; a part that is '' stands for none. */
export interface Counter extends Required<{ readonly [Part in keyof CounterKey]: string }> {
  readonly counts: ReadonlyMap<string, Big>;
}

export interface StatisticsReader {
  /** Every counter of a day (`YYYY-MM-DD`), each as many times as it is spread. */
  day(day: string): Promise<readonly Counter[]>;
}

export function createStatisticsReader(client: DynamoDBDocumentClient, table: string): StatisticsReader {
  const readShard = async (day: string, shard: number): Promise<Counter[]> => {
    const rows = await queryAll(client, {
      TableName: table,
      KeyConditionExpression: 'day_shard = :shard',
      ExpressionAttributeValues: { ':shard': `${day}#${shard}` },
    });
    return rows.map((row) => counterOf(day, row));
  };
  return {
    async day(day) {
      return (await Promise.all(Array.from({ length: counterShards }, (_, shard) => readShard(day, shard)))).flat();
    },
  };
}

function counterOf(day: string, { counter, expires_at: _expires, ...numbers }: Readonly<Record<string, unknown>>): Counter {
  const [partner = '', endpoint = '', offer = '', currency = ''] = String(counter).split('|');
  // Attempts are counted by endpoint, `publisher#postback`.
  const [publisher = ''] = endpoint.split('#');
  const counts = Object.entries(numbers).flatMap(([name, value]): [string, Big][] =>
    value instanceof NumberValue ? [[name, new Big(value.toString())]] : [],
  );
  return { day, partner, publisher, offer, currency, counts: new Map(counts) };
}
