import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { isLive, type PostbackKey } from '../../domain/keys.ts';
import { type AuditEntry, auditWrite } from './audit.ts';
import { count, toItem } from './item.ts';
import { keyRow } from './key-store.ts';
import { type Listing, listShards, type Position } from './listing.ts';
import { commit, type Write } from './transactions.ts';

/**
 * Issues and revokes the keys of partners (contract 1.3).
 *
 * In addition to the keys, the table contains two kinds of pointers, whose `key_hash` is no hash: `label#<partner>#<label>` names the live
 * keys with a label, so that two simultaneous rotations cannot both miss the other's key, and `id#<partner>#<key id>` finds a key without
 * an index, so that it can be revoked as soon as it is issued.
 */
export interface KeysWriter {
  /**
   * Issues a key. The live keys with its label end, at once or after their grace period.
   *
   * @param graceSeconds with 0 they end at once.
   */
  issue(key: PostbackKey, graceSeconds: number, audit: AuditEntry): Promise<void>;
  list(
    partner: string,
    page: Pick<Listing, 'limit' | 'after'>,
  ): Promise<{ readonly keys: readonly PostbackKey[]; readonly next: Position | undefined }>;
  find(partner: string, keyId: string): Promise<PostbackKey | undefined>;
  /** @returns `false` when there is no such key. */
  revoke(key: PostbackKey, audit: AuditEntry): Promise<boolean>;
  /** Revokes every key of a partner that is being deleted. */
  revokeAll(partner: string, auditOf: (key: PostbackKey) => AuditEntry): Promise<void>;
}

export interface KeysWriterOptions {
  readonly tables: { readonly keys: string; readonly audit: string };
  /** Creates a ULID, which sorts the list. */
  readonly newId: () => string;
}

const labelRow = z.object({ hashes: z.array(z.string()), revision: count });
const idRow = z.object({ hash: z.string() });
/** The most keys in grace with one label; the oldest end first. */
const mostInGrace = 5;
const mostTries = 10;

const labelKey = (partner: string, label: string): string => `label#${partner}#${label}`;
const idKey = (partner: string, keyId: string): string => `id#${partner}#${keyId}`;

export function createKeysWriter(client: DynamoDBDocumentClient, { tables, newId }: KeysWriterOptions): KeysWriter {
  const table = tables.keys;
  const read = async (hash: string): Promise<Record<string, unknown> | undefined> => {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: { key_hash: hash }, ConsistentRead: true }));
    return Item;
  };
  const readKey = async (hash: string): Promise<PostbackKey | undefined> => {
    const item = await read(hash);
    return item === undefined ? undefined : z.parse(keyRow, item);
  };
  const list: KeysWriter['list'] = async (partner, page) => {
    const { rows, next } = await listShards(client, {
      table,
      index: 'by-partner',
      partition: 'partner_id',
      shards: [partner],
      sort: 'created',
      ...page,
    });
    return { keys: rows.map((row) => z.parse(keyRow, row)), next };
  };

  return {
    list,

    async find(partner, keyId) {
      const item = await read(idKey(partner, keyId));
      return item === undefined ? undefined : readKey(z.parse(idRow, item).hash);
    },

    async issue(key, graceSeconds, audit) {
      const now = Date.parse(key.created_at);
      const pointer = labelKey(key.partner_id, key.label);
      for (let tried = 0; tried < mostTries; tried += 1) {
        const item = await read(pointer);
        const { hashes, revision } = item === undefined ? { hashes: [], revision: 0 } : z.parse(labelRow, item);
        const known = await Promise.all(hashes.map(readKey));
        const live = known.filter((old) => old !== undefined).filter((old) => isLive(old, now));
        const inGrace = graceSeconds > 0 ? live.slice(-mostInGrace) : [];
        const writes: Write[] = [
          { Put: { TableName: table, Item: { ...toItem(key), created: newId() }, ConditionExpression: 'attribute_not_exists(key_hash)' } },
          { Put: { TableName: table, Item: { key_hash: idKey(key.partner_id, key.key_id), hash: key.key_hash } } },
          {
            Put: {
              TableName: table,
              Item: { key_hash: pointer, hashes: [...inGrace.map(({ key_hash }) => key_hash), key.key_hash], revision: revision + 1 },
              ...(revision === 0
                ? { ConditionExpression: 'attribute_not_exists(key_hash)' }
                : { ConditionExpression: 'revision = :revision', ExpressionAttributeValues: { ':revision': revision } }),
            },
          },
          ...live.map((old) =>
            inGrace.includes(old) ? expire(table, old, now + graceSeconds * 1_000) : { Update: revocation(table, old.key_hash) },
          ),
          auditWrite(tables.audit, audit),
        ];
        const done = await commit(client, writes);
        if (done.committed) return;
      }
      throw new Error(`the keys of a label were changed by others ${mostTries} times in a row`);
    },

    async revoke(key, audit) {
      const done = await commit(client, [{ Update: revocation(table, key.key_hash) }, auditWrite(tables.audit, audit)]);
      return done.committed;
    },

    async revokeAll(partner, auditOf) {
      let after: Position | undefined;
      do {
        const { keys, next } = await list(partner, { limit: 100, after });
        const live = keys.filter(({ status }) => status === 'active');
        await Promise.all(
          live.map((key) => commit(client, [{ Update: revocation(table, key.key_hash) }, auditWrite(tables.audit, auditOf(key))])),
        );
        after = next;
      } while (after !== undefined);
    },
  };
}

/** The write for a key in its grace period: it ends then, or earlier if that was decided before. */
function expire(table: string, key: PostbackKey, at: number): Write {
  const ends = key.expires_at === undefined ? at : Math.min(at, Date.parse(key.expires_at));
  return {
    Update: {
      TableName: table,
      Key: { key_hash: key.key_hash },
      ConditionExpression: 'attribute_exists(key_hash)',
      UpdateExpression: 'SET expires_at = :ends',
      ExpressionAttributeValues: { ':ends': new Date(ends).toISOString() },
    },
  };
}

function revocation(table: string, hash: string): NonNullable<Write['Update']> {
  return {
    TableName: table,
    Key: { key_hash: hash },
    ConditionExpression: 'attribute_exists(key_hash)',
    UpdateExpression: 'SET #status = :revoked',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':revoked': 'revoked' },
  };
}
