import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { hourlyNames } from './attempt-counters.ts';
import { count } from './item.ts';
import { counterName, counterShards } from './statistics.ts';

interface Attempts {
  readonly attempts: number;
  readonly failures: number;
}

/** What can be told of an endpoint from what has been counted. */
export interface EndpointStatistics {
  /** In this hour and the 23 before it. @param endpoint named by `endpointOf`. @param now epoch milliseconds. */
  lastDay(endpoint: string, now: number): Promise<Attempts>;
}

const hours = 24;
const hourMs = 3_600_000;
const rows = z.array(z.record(z.string(), z.unknown()));

export function createEndpointStatistics(client: DynamoDBDocumentClient, table: string): EndpointStatistics {
  const read = async (day: string, shard: number, counter: string): Promise<Record<string, unknown>[]> => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'day_shard = :day AND #counter = :counter',
        ExpressionAttributeNames: { '#counter': 'counter' },
        ExpressionAttributeValues: { ':day': `${day}#${shard}`, ':counter': counter },
      }),
    );
    return z.parse(rows, Items);
  };
  return {
    async lastDay(endpoint, now) {
      const wanted = Array.from({ length: hours }, (_, ago) => new Date(now - ago * hourMs).toISOString());
      const byDay = Map.groupBy(wanted, (at) => at.slice(0, 10));
      const sums = await Promise.all(
        [...byDay].map(async ([day, ofDay]) => {
          const counter = counterName({ day, partner: '', publisher: endpoint });
          const found = (await Promise.all(Array.from({ length: counterShards }, (_, shard) => read(day, shard, counter)))).flat();
          const sum = (name: string): number =>
            found.reduce((total, row) => total + (row[name] === undefined ? 0 : z.parse(count, row[name])), 0);
          return ofDay.map((at) => {
            const { delivered, failed } = hourlyNames(at.slice(11, 13));
            return { attempts: sum(delivered) + sum(failed), failures: sum(failed) };
          });
        }),
      );
      return sums.flat().reduce((total, one) => ({ attempts: total.attempts + one.attempts, failures: total.failures + one.failures }), {
        attempts: 0,
        failures: 0,
      });
    },
  };
}
