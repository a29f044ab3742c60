import { type DynamoDBDocumentClient, NumberValue, paginateQuery, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import Big from 'big.js';
import { zero } from '../../domain/money.ts';
import { dayMs, quarterMs, settledAfterMs } from '../../domain/statistics/calendar.ts';
import { type Counter, type CounterName, counterKey, counterNames } from '../../domain/statistics/counter.ts';
import { inTurns } from '../../runtime/in-turns.ts';
import { createClosedDays } from './closed-days.ts';
import type { Row } from './listing.ts';
import { queryAll } from './query-all.ts';
import { counterShards, dayShard, type Shard } from './statistics.ts';

export interface StatisticsReader {
  /**
   * Passes on every counter of the quarters that begin between two instants (epoch milliseconds; `to` excluded).
   *
   * @returns `false` when there are more than one answer can add up, so that only some were passed on.
   */
  read(from: number, to: number, take: (counter: Counter) => void): Promise<boolean>;
}

/** The most counters of one answer, which a function can add up in the time that the gateway waits. */
const mostCounters = 500_000;
/** Days that are read at the same time. */
const daysAtOnce = 2;
const shards = Array.from({ length: counterShards }, (_, shard) => shard);

/**
 * A day of a busy system has tens of thousands of rows. The first request for a day that is over stores it closed, and later ones read
 * that, so a request that takes too long was not in vain. What is processed again later is counted elsewhere, so a closed day never
 * changes.
 */
export function createStatisticsReader(client: DynamoDBDocumentClient, table: string, now: () => number): StatisticsReader {
  const closed = createClosedDays(client, table);

  /** The counters of a day; `undefined` when there are more than one answer can add up. */
  const openDay = async (day: number): Promise<readonly Counter[] | undefined> => {
    const merged = new Map<string, Counter>();
    let tooMany = false;
    await Promise.all(
      shards.map(async (shard) => {
        for await (const { Items = [] } of paginateQuery({ client }, queryFor(table, { day, shard }))) {
          for (const counter of Items.flatMap(countersOf)) merge(merged, counter);
          tooMany ||= merged.size > mostCounters;
          if (tooMany) return;
        }
      }),
    );
    if (tooMany) return undefined;
    const counters = [...merged.values()];
    if (day + dayMs + settledAfterMs <= now()) await closed.keep(day, counters);
    return counters;
  };

  return {
    async read(from, to, take) {
      let taken = 0;
      await inTurns(
        daysWithin(from, to),
        async (day) => {
          if (taken > mostCounters) return;
          const [counters, again] = await Promise.all([
            closed.find(day).then((found) => found ?? openDay(day)),
            queryAll(client, queryFor(table, { day, shard: 'again' })),
          ]);
          taken += counters?.length ?? mostCounters + 1;
          for (const counter of [...(counters ?? []), ...again.flatMap(countersOf)])
            if (counter.at >= from && counter.at < to) take(counter);
        },
        daysAtOnce,
      );
      return taken <= mostCounters;
    },
  };
}

/** Adds a counter of another shard, or of another postback of the publisher. */
function merge(counters: Map<string, Counter>, counter: Counter): void {
  const key = counterKey(counter);
  const known = counters.get(key);
  if (known === undefined) {
    counters.set(key, counter);
    return;
  }
  const names = new Set([...known.counts.keys(), ...counter.counts.keys()]);
  const sum = (name: CounterName): Big => (known.counts.get(name) ?? zero).plus(counter.counts.get(name) ?? zero);
  counters.set(key, { ...known, counts: new Map([...names].map((name) => [name, sum(name)])) });
}

/**
 * The counters whose names have this beginning, for the quarters that begin between two instants (`to` excluded). They are few, those of
 * one publisher or endpoint.
 *
 * @param consistent whether to read consistently, which costs twice as much.
 */
export async function countersOfOne(
  client: DynamoDBDocumentClient,
  table: string,
  { from, to, beginning, consistent }: { from: number; to: number; beginning: string; consistent: boolean },
): Promise<Counter[]> {
  const parts = daysWithin(from, to).flatMap((day) => shards.map((shard) => ({ day, shard })));
  const rows = await inTurns(parts, (part) => queryAll(client, { ...queryFor(table, part, beginning), ConsistentRead: consistent }));
  return rows
    .flat()
    .flatMap(countersOf)
    .filter(({ at }) => at >= from && at < to);
}

interface Part {
  readonly day: number;
  readonly shard: Shard;
}

/** The UTC days that a stretch of time touches. */
function daysWithin(from: number, to: number): number[] {
  const first = Math.floor(from / dayMs) * dayMs;
  return Array.from({ length: Math.max(0, Math.ceil((to - first) / dayMs)) }, (_, index) => first + index * dayMs);
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

const names: ReadonlyMap<string, CounterName> = new Map(counterNames.map((name) => [name, name]));

/** The counters of a row, one for each of its quarters. */
function countersOf({ day_shard, counter, ...numbers }: Row): Counter[] {
  const [publisher = '', partner = '', offer = '', currency = '', hour = ''] = String(counter).split('|');
  const begins = Date.parse(`${String(day_shard).slice(0, 10)}T${hour}:00:00Z`);
  const quarters = new Map<number, Map<CounterName, Big>>();
  for (const [name, value] of Object.entries(numbers)) {
    const counted = names.get(name.slice(1));
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
