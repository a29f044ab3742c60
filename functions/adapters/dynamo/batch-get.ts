import { BatchGetCommand, type BatchGetCommandInput, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Row } from './listing.ts';

/** The most keys of one request that DynamoDB allows. */
export const mostKeys = 100;
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
  const projection = attributes && {
    ProjectionExpression: attributes.map((name) => `#${name}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
  };
  const batches = Array.from({ length: Math.ceil(keys.length / mostKeys) }, (_, index) =>
    keys.slice(index * mostKeys, (index + 1) * mostKeys),
  );
  const found = await Promise.all(
    batches.map((batch) => {
      const Keys = batch.map((key) => ({ ...key }));
      return readBatch(client, { [table]: { Keys, ConsistentRead: consistent, ...projection } });
    }),
  );
  return found.flatMap((rows) => rows.get(table) ?? []);
}

/** @param items at most 100 keys in all tables together. @returns the rows that exist, by table. @throws as {@link batchGet} does. */
export async function readBatch(
  client: DynamoDBDocumentClient,
  items: NonNullable<BatchGetCommandInput['RequestItems']>,
): Promise<ReadonlyMap<string, readonly Row[]>> {
  const found = new Map<string, Row[]>();
  let RequestItems = items;
  for (let tried = 1; Object.keys(RequestItems).length > 0; tried += 1) {
    if (tried > mostTries) throw new Error(`rows of ${Object.keys(RequestItems).join(', ')} could not be read for now`);
    if (tried > 1) await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** tried));
    const { Responses = {}, UnprocessedKeys = {} } = await client.send(new BatchGetCommand({ RequestItems }));
    for (const [table, rows] of Object.entries(Responses)) found.set(table, [...(found.get(table) ?? []), ...rows]);
    RequestItems = UnprocessedKeys;
  }
  return found;
}
