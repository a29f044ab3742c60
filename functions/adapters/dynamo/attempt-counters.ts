import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import Big from 'big.js';
import { zero } from '../../domain/money.ts';
import { addToCounter } from './statistics.ts';

/** How one message of a batch ended for the endpoint of its publisher; `undefined`: no attempt was made. */
export interface AttemptOutcome {
  /** Named by `endpointOf`. */
  readonly endpoint: string;
  readonly outcome?: 'delivered' | 'failed' | undefined;
}

/** Under which names an hour's attempts are counted, beside the day's `delivered` and `delivery_failed`. @param hour `00` to `23`, UTC. */
export function hourlyNames(hour: string): { readonly delivered: string; readonly failed: string } {
  return { delivered: `d${hour}`, failed: `f${hour}` };
}

/**
 * Counts attempts by day and by hour for each endpoint: one write for each endpoint of a batch. Apart from any transaction, so nearly
 * exact.
 */
export function createAttemptCounters(
  client: DynamoDBDocumentClient,
  table: string,
  now: () => number,
  pickShard: () => number,
): (outcomes: readonly AttemptOutcome[]) => Promise<void> {
  return async (outcomes) => {
    const at = new Date(now()).toISOString();
    const [day, hour] = [at.slice(0, 10), at.slice(11, 13)];
    const counts = new Map<string, Map<string, Big>>();
    for (const { endpoint, outcome } of outcomes) {
      if (outcome === undefined) continue;
      const additions = counts.get(endpoint) ?? new Map<string, Big>();
      counts.set(endpoint, additions);
      for (const name of [outcome === 'delivered' ? 'delivered' : 'delivery_failed', hourlyNames(hour)[outcome]])
        additions.set(name, (additions.get(name) ?? zero).plus(new Big(1)));
    }
    await Promise.all(
      [...counts].map(async ([endpoint, additions]) => {
        const { Update } = addToCounter(table, { day, partner: '', publisher: endpoint }, Math.floor(pickShard() * 1_000), additions);
        if (Update !== undefined) await client.send(new UpdateCommand(Update));
      }),
    );
  };
}
