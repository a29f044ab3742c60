import { type DynamoDBDocumentClient, NumberValue, paginateQuery, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import Big from 'big.js';
import { dayMs, quarterMs } from '../../domain/statistics/calendar.ts';
import { type Counter, type CounterName, counterNames } from '../../domain/statistics/counter.ts';
import { inTurns } from './in-turns.ts';
import type { Row } from './listing.ts';
import { queryAll } from './query-all.ts';
import { counterShards, dayShard } from './statistics.ts';

export interface StatisticsReader {
  /**
   * Hands on every counter of the quarters from one instant on and before another (epoch milliseconds), each as many times as it is
   * spread, and keeps none.
   *
   * @returns `false`: there are more than one answer can add up, and only some were handed on.
   */
  read(from: number, to: number, take: (counter: Counter) => void): Promise<boolean>;
}

/** Rows of one answer: a function adds up so many within the time that the gateway waits. */
const mostRows = 300_000;
const shards = Array.from({ length: counterShards }, (_, shard) => shard);

export function createStatisticsReader(client: DynamoDBDocumentClient, table: string): StatisticsReader {
  return {
    async read(from, to, take) {
      let read = 0;
      await inTurns(partsOf(from, to), async (part) => {
        for await (const { Items = [] } of paginateQuery({ client }, queryFor(table, part))) {
          read += Items.length;
          if (read > mostRows) return;
          for (const counter of Items.flatMap(countersOf)) if (counter.at >= from && counter.at < to) take(counter);
        }
      });
      return read <= mostRows;
    },
  };
}

/**
 * The counters whose names begin so, of the quarters from one instant on and before another: few, of one publisher or endpoint.
 *
 * @param consistent it costs twice as much.
 */
export async function countersOfOne(
  client: DynamoDBDocumentClient,
  table: string,
  { from, to, beginning, consistent }: { from: number; to: number; beginning: string; consistent: boolean },
): Promise<Counter[]> {
  const rows = await inTurns(partsOf(from, to), (part) =>
    queryAll(client, { ...queryFor(table, part, beginning), ConsistentRead: consistent }),
  );
  return rows
    .flat()
    .flatMap(countersOf)
    .filter(({ at }) => at >= from && at < to);
}

interface Part {
  readonly day: number;
  readonly shard: number;
}

/** The days in UTC that a stretch of time touches, and their shards. */
function partsOf(from: number, to: number): Part[] {
  const first = Math.floor(from / dayMs) * dayMs;
  const days = Array.from({ length: Math.max(0, Math.ceil((to - first) / dayMs)) }, (_, index) => first + index * dayMs);
  return days.flatMap((day) => shards.map((shard) => ({ day, shard })));
}

function queryFor(table: string, { day, shard }: Part, beginning?: string): QueryCommandInput {
  const named = beginning === undefined ? undefined : { ExpressionAttributeNames: { '#counter': 'counter' } };
  return {
    TableName: table,
    KeyConditionExpression: `day_shard = :shard${named === undefined ? '' : ' AND begins_with(#counter, :beginning)'}`,
    ...named,
    ExpressionAttributeValues: { ':shard': dayShard(day, shard), ...(named === undefined ? {} : { ':beginning': beginning }) },
  };
}

/** The counters of a row, one for each quarter that it counts. */
function countersOf({ day_shard, counter, ...numbers }: Row): Counter[] {
  const [publisher = '', partner = '', offer = '', currency = '', hour = ''] = String(counter).split('|');
  const begins = Date.parse(`${String(day_shard).slice(0, 10)}T${hour}:00:00Z`);
  const quarters = new Map<number, Map<CounterName, Big>>();
  for (const [name, value] of Object.entries(numbers)) {
    const counted = counterNames.find((known) => known === name.slice(1));
    if (counted === undefined || !(value instanceof NumberValue)) continue;
    const quarter = Number(name.slice(0, 1));
    quarters.set(quarter, (quarters.get(quarter) ?? new Map<CounterName, Big>()).set(counted, new Big(value.toString())));
  }
  // Attempts are counted by endpoint, `publisher#postback`.
  const [owner = ''] = publisher.split('#');
  return [...quarters].map(([quarter, counts]) => ({
    at: begins + quarter * quarterMs,
    publisher: owner,
    partner,
    offer,
    currency,
    counts,
  }));
}
