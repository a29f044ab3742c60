import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { count } from './item.ts';

const keptSeconds = 3_600;
const counted = z.object({ requests: count });

/**
 * Counts the requests of a key, over all instances, in the statistics table, under names with which no day begins. @returns how many there
 * are in the window.
 */
export function createKeyRates(
  client: DynamoDBDocumentClient,
  table: string,
  now: () => number,
): (key: string, window: number, count: number) => Promise<number> {
  return async (key, window, requests) => {
    const { Attributes } = await client.send(
      new UpdateCommand({
        TableName: table,
        Key: { day_shard: `rate#${key}`, counter: String(window) },
        UpdateExpression: 'ADD requests :count SET expires_at = :expires',
        ExpressionAttributeValues: { ':count': requests, ':expires': Math.floor(now() / 1_000) + keptSeconds },
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return z.parse(counted, Attributes).requests;
  };
}
