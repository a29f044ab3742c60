import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type AuditEntry, auditWrite } from './audit.ts';
import { toItem } from './item.ts';
import { type Listing, listShards, type Position } from './listing.ts';
import { type AdminToken, tokenRow } from './token-reader.ts';
import { commit } from './transactions.ts';

/** Issues, lists and revokes admin tokens; they are stored as hashes (contract section 4). */
export interface Tokens {
  issue(token: AdminToken, audit: AuditEntry): Promise<void>;
  list(page: Pick<Listing, 'limit' | 'after'>): Promise<{ readonly tokens: readonly AdminToken[]; readonly next: Position | undefined }>;
  find(tokenId: string): Promise<AdminToken | undefined>;
  revoke(token: AdminToken, audit: AuditEntry): Promise<void>;
}

const idRow = z.object({ hash: z.string() });
/** The key of the row that finds a token by its id; no hash looks like this. */
const idKey = (tokenId: string): string => `id#${tokenId}`;

/** @param newId creates the ULID that sorts the list. */
export function createTokens(
  client: DynamoDBDocumentClient,
  tables: { readonly tokens: string; readonly audit: string },
  newId: () => string,
): Tokens {
  const table = tables.tokens;
  const read = async (hash: string): Promise<Record<string, unknown> | undefined> => {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: { token_hash: hash }, ConsistentRead: true }));
    return Item;
  };
  return {
    async issue(token, audit) {
      const Item = { ...toItem(token), kind: 'token', created: newId() };
      await commit(client, [
        { Put: { TableName: table, Item } },
        { Put: { TableName: table, Item: { token_hash: idKey(token.token_id), hash: token.token_hash } } },
        auditWrite(tables.audit, audit),
      ]);
    },

    async list(page) {
      const { rows, next } = await listShards(client, {
        table,
        index: 'by-kind',
        partition: 'kind',
        shards: ['token'],
        sort: 'created',
        ...page,
      });
      return { tokens: rows.map((row) => z.parse(tokenRow, row)), next };
    },

    async find(tokenId) {
      const pointer = await read(idKey(tokenId));
      const item = pointer === undefined ? undefined : await read(z.parse(idRow, pointer).hash);
      return item === undefined ? undefined : z.parse(tokenRow, item);
    },

    async revoke(token, audit) {
      const Update = {
        TableName: table,
        Key: { token_hash: token.token_hash },
        ConditionExpression: 'attribute_exists(token_hash)',
        UpdateExpression: 'SET #status = :revoked',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':revoked': 'revoked' },
      };
      await commit(client, [{ Update }, auditWrite(tables.audit, audit)]);
    },
  };
}
