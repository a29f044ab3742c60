import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type Big from 'big.js';
import { zero } from '../../domain/money.ts';
import type { CounterName } from '../../domain/statistics/counter.ts';
import { addToCounter } from './statistics.ts';

/** The result of one message of a batch for the endpoint of its publisher; `undefined`: no attempt was made. */
export interface AttemptOutcome {
  /** The name that `endpointOf` gives it. */
  readonly endpoint: string;
  readonly outcome?: 'delivered' | 'failed' | undefined;
}

/**
 * Counts attempts per endpoint, with one write for each endpoint of a batch. It is outside any transaction, so the counts are nearly exact.
 */
export function createAttemptCounters(
  client: DynamoDBDocumentClient,
  table: string,
  now: () => number,
  pickShard: () => number,
): (outcomes: readonly AttemptOutcome[]) => Promise<void> {
  return async (outcomes) => {
    const at = now();
    const counts = new Map<string, Map<CounterName, Big>>();
    for (const { endpoint, outcome } of outcomes) {
      if (outcome === undefined) continue;
      const additions = counts.get(endpoint) ?? new Map<CounterName, Big>();
      counts.set(endpoint, additions.set(outcome, (additions.get(outcome) ?? zero).plus(1)));
    }
    await Promise.all(
      [...counts].map(async ([endpoint, additions]) => {
        const { Update } = addToCounter(table, { at, publisher: endpoint }, Math.floor(pickShard() * 1_000), additions);
        if (Update !== undefined) await client.send(new UpdateCommand(Update));
      }),
    );
  };
}
