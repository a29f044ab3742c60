import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { CounterName } from '../../domain/statistics/counter.ts';
import { counterName } from './statistics.ts';
import { countersOfOne } from './statistics-reader.ts';

interface Attempts {
  readonly attempts: number;
  readonly failures: number;
}

/** What the counters tell about an endpoint. */
export interface EndpointStatistics {
  /** Attempts in this hour and the 23 before it. @param endpoint the name that `endpointOf` gives it. @param now epoch milliseconds. */
  lastDay(endpoint: string, now: number): Promise<Attempts>;
}

const hours = 24;
const hourMs = 3_600_000;

export function createEndpointStatistics(client: DynamoDBDocumentClient, table: string): EndpointStatistics {
  return {
    async lastDay(endpoint, now) {
      const from = (Math.floor(now / hourMs) - hours + 1) * hourMs;
      const beginning = counterName({ publisher: endpoint });
      const counters = await countersOfOne(client, table, { from, to: now + 1, beginning, consistent: false });
      const sum = (name: CounterName): number => counters.reduce((total, { counts }) => total + (counts.get(name)?.toNumber() ?? 0), 0);
      const failures = sum('failed');
      return { attempts: sum('delivered') + failures, failures };
    },
  };
}
