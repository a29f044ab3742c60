import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Conversion } from '../../domain/conversion.ts';
import { conversionKey, conversionRow } from './conversion-row.ts';
import { fitsKeys } from './keys.ts';

/** A conversion as it is stored. @param consistent a cheaper read may be a moment behind. */
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

/** Every conversion of a click, as they are now. */
export async function conversionsOfClick(client: DynamoDBDocumentClient, table: string, clickId: string): Promise<readonly Conversion[]> {
  const { owner } = conversionKey(`${clickId}.`);
  if (owner !== clickId || !fitsKeys({ owner, place: '-' })) return [];
  const rows: Conversion[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#owner = :click',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':click': clickId },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    rows.push(...Items.map((item) => z.parse(conversionRow, item)));
    start = LastEvaluatedKey;
  } while (start !== undefined);
  return rows;
}
