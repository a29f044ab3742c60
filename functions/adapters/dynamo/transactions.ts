import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';

export type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** A write of a transaction whose condition failed, which stopped the transaction. `item` is the row that failed the condition. */
interface Refusal {
  readonly index: number;
  readonly item: unknown;
}

export type Commit = { readonly committed: true } | { readonly committed: false; readonly refusals: readonly Refusal[] };

const mostTries = 10;

/**
 * Commits all writes or none. After a conflict with another transaction it tries again with jitter; a failed condition is returned.
 *
 * @param isRefused called before each further try: returns the index of a write whose condition is known to fail by now.
 * @throws when the outcome is unknown or the table cannot take the writes. Callers must not conclude that nothing was written.
 */
export async function commit(
  client: DynamoDBDocumentClient,
  writes: readonly Write[],
  isRefused?: () => Promise<number | undefined>,
): Promise<Commit> {
  for (let tried = 1; ; tried += 1) {
    try {
      await client.send(new TransactWriteCommand({ TransactItems: [...writes] }));
      return { committed: true };
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const refusals = reasons.flatMap(({ Code, Item }, index) =>
        Code === 'ConditionalCheckFailed'
          ? [{ index, item: Item === undefined ? undefined : unmarshall(Item, { wrapNumbers: true }) }]
          : [],
      );
      if (refusals.length > 0) return { committed: false, refusals };
      if (
        tried === mostTries ||
        !reasons.some(
          ({ Code }) => Code === 'TransactionConflict' || Code === 'ThrottlingError' || Code === 'ProvisionedThroughputExceeded',
        )
      )
        throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(1_000, 10 * 2 ** tried)));
      const refused = await isRefused?.();
      if (refused !== undefined) return { committed: false, refusals: [{ index: refused, item: undefined }] };
    }
  }
}
