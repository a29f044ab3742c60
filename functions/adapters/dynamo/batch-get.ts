import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Row } from './listing.ts';

/** The most keys of one request that DynamoDB allows. */
const mostKeys = 100;
const mostTries = 8;

export interface BatchOptions {
  readonly consistent?: boolean;
  /** The attributes to read; absent: all. */
  readonly attributes?: readonly string[];
}

/**
 * Reads rows by their keys, in no particular order; rows that do not exist are left out.
 *
 * @param keys must all be different.
 * @throws when the table cannot return all of them at the moment.
 */
export async function batchGet(
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly Readonly<Record<string, string>>[],
  { consistent = false, attributes }: BatchOptions = {},
): Promise<Row[]> {
  const batches = Array.from({ length: Math.ceil(keys.length / mostKeys) }, (_, index) =>
    keys.slice(index * mostKeys, (index + 1) * mostKeys),
  );
  const found = await Promise.all(
    batches.map((batch) => readBatch(client, table, batch, { consistent, ...(attributes && { attributes }) })),
  );
  return found.flat();
}

async function readBatch(
  client: DynamoDBDocumentClient,
  table: string,
  batch: readonly Readonly<Record<string, string>>[],
  { consistent, attributes }: BatchOptions,
): Promise<Row[]> {
  const rows: Row[] = [];
  let Keys: Record<string, unknown>[] = batch.map((key) => ({ ...key }));
  for (let tried = 1; Keys.length > 0; tried += 1) {
    if (tried > mostTries) throw new Error(`${Keys.length} rows could not be read for now`);
    if (tried > 1) await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** tried));
    const projection = attributes && {
      ProjectionExpression: attributes.map((name) => `#${name}`).join(', '),
      ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
    };
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys, ConsistentRead: consistent, ...projection } } }),
    );
    rows.push(...(Responses?.[table] ?? []));
    Keys = UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return rows;
}
