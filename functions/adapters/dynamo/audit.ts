import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { shardOf, shardsOf } from '../../domain/shards.ts';
import { plain, toItem } from './item.ts';
import { having, type Listing, listShards, type Position } from './listing.ts';
import type { Write } from './transactions.ts';

/**
 * Who changed what (contract section 4). `before` and `after` are what the API shows of the changed thing, so they contain no secret and no
 * hash.
 */
export interface AuditEntry {
  /** ULID. */
  readonly audit_id: string;
  /** ISO 8601. */
  readonly at: string;
  /** Name of the token. */
  readonly by: string;
  /** Such as `partner.updated`. */
  readonly action: string;
  /** The kind of thing that was changed, and its id. */
  readonly kind: string;
  readonly id: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

type AuditFilter = Readonly<Partial<Record<'by' | 'action' | 'kind' | 'id', string | undefined>>>;

export interface AuditLog {
  record(entry: AuditEntry): Promise<void>;
  list(
    filter: AuditFilter,
    page: Pick<Listing, 'from' | 'to' | 'limit' | 'after'>,
  ): Promise<{ readonly entries: readonly AuditEntry[]; readonly next: Position | undefined }>;
}

const auditRow = z.object({
  audit_id: z.string(),
  at: z.string(),
  by: z.string(),
  action: z.string(),
  kind: z.string(),
  id: z.string(),
  before: z.optional(plain),
  after: z.optional(plain),
});

/** The write of an entry, for the transaction that makes the change. */
export function auditWrite(table: string, entry: AuditEntry): Write & { readonly Put: NonNullable<Write['Put']> } {
  return { Put: { TableName: table, Item: { ...toItem(entry), shard: shardOf(entry.audit_id) } } };
}

export function createAuditLog(client: DynamoDBDocumentClient, table: string): AuditLog {
  return {
    async record(entry) {
      await client.send(new PutCommand(auditWrite(table, entry).Put));
    },
    async list(filter, page) {
      const { rows, next } = await listShards(client, {
        table,
        partition: 'shard',
        shards: shardsOf(),
        sort: 'audit_id',
        filter: having(filter),
        ...page,
      });
      return { entries: rows.map((row) => z.parse(auditRow, row)), next };
    },
  };
}
