import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Row } from './listing.ts';

/**
 * The row under a key, which may be a moment old. The read that costs half may miss what was written a moment ago, so only one that is
 * consistent says that there is none (contract 1.4): a key, an offer or a click is good from the moment in which it was made.
 */
export async function findRow(
  client: DynamoDBDocumentClient,
  table: string,
  Key: Readonly<Record<string, string>>,
): Promise<Row | undefined> {
  const { Item } = await client.send(new GetCommand({ TableName: table, Key }));
  if (Item !== undefined) return Item;
  return (await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }))).Item;
}
