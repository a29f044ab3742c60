import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Conversion } from '../../domain/conversion.ts';
import { conversionRow } from './conversion-row.ts';

/** A conversion as it is stored. @param consistent a cheaper read may be a moment behind. */
export async function readConversion(
  client: DynamoDBDocumentClient,
  table: string,
  id: string,
  consistent: boolean,
): Promise<Conversion | undefined> {
  const { Item } = await client.send(new GetCommand({ TableName: table, Key: { conversion_id: id }, ConsistentRead: consistent }));
  return Item === undefined ? undefined : z.parse(conversionRow, Item);
}
