import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { PostbackKey } from '../../domain/keys.ts';
import { partnerId } from '../../runtime/ids.ts';
import { createCache } from '../cache.ts';
import { findRow } from './find-row.ts';
import { createPlainRowReader } from './row-reader.ts';

export const keyRow: z.ZodMiniType<PostbackKey> = z.object({
  key_hash: z.string(),
  key_id: z.string(),
  partner_id: partnerId,
  label: z.string(),
  prefix: z.string(),
  status: z.enum(['active', 'revoked']),
  expires_at: z.optional(z.string()),
  created_at: z.string(),
  last_used_at: z.optional(z.string()),
});

export interface KeyReader {
  /** Finds a key. It is cached for at most the settings' cache time, so that a revocation takes effect within 60 s (contract 1.3). */
  find(keyHash: string): Promise<PostbackKey | undefined>;
  /** Records that a key was used, at most once a minute. */
  noteUse(key: PostbackKey, now: number): Promise<void>;
}

const noteEveryMs = 60_000;

export function createKeyReader(client: DynamoDBDocumentClient, table: string, cacheSeconds: number): KeyReader {
  const readRow = createPlainRowReader(client);
  const noted = new Map<string, number>();
  return {
    find: createCache(cacheSeconds, async (keyHash: string) => {
      const row = await findRow(readRow, table, { key_hash: keyHash });
      return row === undefined ? undefined : z.parse(keyRow, row);
    }),
    async noteUse(key, now) {
      if (now - (noted.get(key.key_hash) ?? 0) < noteEveryMs) return;
      noted.set(key.key_hash, now);
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: { key_hash: key.key_hash },
          ConditionExpression: 'attribute_exists(key_hash)',
          UpdateExpression: 'SET last_used_at = :now',
          ExpressionAttributeValues: { ':now': new Date(now).toISOString() },
        }),
      );
    },
  };
}
