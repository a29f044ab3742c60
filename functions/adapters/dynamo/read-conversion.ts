import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Conversion } from '../../domain/conversion.ts';
import { conversionKey, conversionRow } from './conversion-row.ts';
import { fitsKeys } from './keys.ts';
import { queryAll } from './query-all.ts';

/** A conversion as it is stored. @param consistent whether to read consistently; a cheaper read may be a moment behind. */
export async function readConversion(
  client: DynamoDBDocumentClient,
  table: string,
  id: string,
  consistent: boolean,
): Promise<Conversion | undefined> {
  const key = conversionKey(id);
  if (!fitsKeys(key)) return undefined;
  const { Item } = await client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: consistent }));
  return Item === undefined ? undefined : z.parse(conversionRow, Item);
}

/** The present state of every conversion of a click. */
export async function conversionsOfClick(client: DynamoDBDocumentClient, table: string, clickId: string): Promise<readonly Conversion[]> {
  const { owner } = conversionKey(`${clickId}.`);
  if (owner !== clickId || !fitsKeys({ owner, place: '-' })) return [];
  const rows = await queryAll(client, {
    TableName: table,
    KeyConditionExpression: '#owner = :click',
    ExpressionAttributeNames: { '#owner': 'owner' },
    ExpressionAttributeValues: { ':click': clickId },
    ConsistentRead: true,
  });
  return rows.map((row) => z.parse(conversionRow, row));
}
