import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';

export const tokenRow = z.object({
  token_hash: z.string(),
  token_id: z.string(),
  name: z.string(),
  role: z.enum(['admin', 'viewer', 'publisher', 'partner']),
  /** The publisher or partner to which it is bound. */
  bound_to: z.optional(z.string()),
  status: z.enum(['active', 'revoked']),
  created_at: z.string(),
  /** ISO 8601; absent: it does not expire. */
  expires_at: z.optional(z.string()),
});
export type AdminToken = z.output<typeof tokenRow>;

export interface TokenReader {
  find(tokenHash: string): Promise<AdminToken | undefined>;
}

export function createTokenReader(client: DynamoDBDocumentClient, table: string): TokenReader {
  return {
    async find(tokenHash) {
      const { Item } = await client.send(new GetCommand({ TableName: table, Key: { token_hash: tokenHash }, ConsistentRead: true }));
      return Item === undefined ? undefined : z.parse(tokenRow, Item);
    },
  };
}
