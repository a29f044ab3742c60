import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type Big from 'big.js';
import { zero } from '../../domain/money.ts';
import { addToCounter } from './statistics.ts';

/** How one message of a batch ended for its publisher; `undefined`: no attempt was made. */
export interface AttemptOutcome {
  readonly publisher: string;
  readonly outcome?: 'delivered' | 'failed' | undefined;
}

/** Counts attempts by day and publisher: one write for each publisher of a batch. Apart from any transaction, so nearly exact. */
export function createAttemptCounters(
  client: DynamoDBDocumentClient,
  table: string,
  now: () => number,
  pickShard: () => number,
): (outcomes: readonly AttemptOutcome[]) => Promise<void> {
  return async (outcomes) => {
    const day = new Date(now()).toISOString().slice(0, 10);
    const counts = new Map<string, Map<string, Big>>();
    for (const { publisher, outcome } of outcomes) {
      if (outcome === undefined) continue;
      const name = outcome === 'delivered' ? 'delivered' : 'delivery_failed';
      const additions = counts.get(publisher) ?? new Map<string, Big>();
      counts.set(publisher, additions.set(name, (additions.get(name) ?? zero).plus(1)));
    }
    await Promise.all(
      [...counts].map(async ([publisher, additions]) => {
        const { Update } = addToCounter(table, { day, partner: '', publisher }, Math.floor(pickShard() * 1_000), additions);
        if (Update !== undefined) await client.send(new UpdateCommand(Update));
      }),
    );
  };
}
