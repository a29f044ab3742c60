import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Conversion } from '../../domain/conversion.ts';
import { conversionKey, conversionRow } from './conversion-row.ts';
import { fitsKeys } from './keys.ts';
import { queryAll } from './query-all.ts';
import type { ReadRow } from './row-reader.ts';

/** A conversion as it is stored. @param consistent whether to read consistently; a cheaper read may be a moment behind. */
export async function readConversion(readRow: ReadRow, table: string, id: string, consistent: boolean): Promise<Conversion | undefined> {
  const key = conversionKey(id);
  if (!fitsKeys(key)) return undefined;
  const row = await readRow(table, key, { consistent });
  return row === undefined ? undefined : z.parse(conversionRow, row);
}

/**
 * The present state of every conversion of a click, in the order in which they began. Where several know what a take-back names, the first
 * of them is what it is about: that must not depend on how events are called, by which the store orders them.
 */
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
  return rows.map((row) => z.parse(conversionRow, row)).toSorted((one, other) => (one.created_at < other.created_at ? -1 : 1));
}
