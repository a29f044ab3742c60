import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Row } from './listing.ts';

/**
 * The row with a key; it may be a moment old. The cheap read may miss what was written a moment ago, so only a consistent read decides that
 * there is no row (contract 1.4): a key, an offer or a click is valid from the moment in which it was created.
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
