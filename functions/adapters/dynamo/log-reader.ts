import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { LogEntry } from '../../domain/log-entry.ts';
import { type QuotedNames, shardCount, shardOf, shardsByNames, shardsOf } from '../../domain/shards.ts';
import { postbackResults } from '../../domain/status.ts';
import { batchGet } from './batch-get.ts';
import { having, type Listing, listShards, type Position } from './listing.ts';
import { listLogOfClick } from './log-of-click.ts';
import { logRow } from './log-row.ts';
import { queryAll } from './query-all.ts';

/** Which entries of the postback log to list; an absent filter matches all. */
export interface LogFilter {
  readonly partner?: string | undefined;
  readonly keyId?: string | undefined;
  readonly clickId?: string | undefined;
  readonly result?: string | undefined;
  readonly code?: string | readonly string[] | undefined;
  /** First and last log id, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly quoted?: Quoted | undefined;
}

/** The ids by which people ask about a postback, as they were sent. */
export interface Quoted extends QuotedNames {
  /** The partners whose postbacks are searched. */
  readonly partners: readonly string[];
}

/** A log entry without the parts of the request that it keeps, which can be large. */
export type LogSummary = Omit<LogEntry, 'raw' | 'custom_data'>;

export interface LogPage {
  readonly entries: readonly LogSummary[];
  readonly next: Position | undefined;
}

/** The attributes of an entry that the index by partner contains. */
const logOutline = z.object({
  log_id: z.string(),
  result: z.enum(postbackResults),
  code: z.optional(z.string()),
  click_id: z.optional(z.string()),
  transaction_id: z.optional(z.string()),
});
export type LogOutline = z.infer<typeof logOutline>;

export interface LogReader {
  /**
   * Outlines of what a partner sent between two log ids, both included, in no particular order.
   *
   * @param most approximately how many are read at most.
   */
  outlines(partner: string, from: string, to: string, most: number): Promise<readonly LogOutline[]>;
  /** Consistent read. */
  find(logId: string): Promise<LogEntry | undefined>;
  /** In the order of the ids; entries that do not exist are left out. */
  findAll(logIds: readonly string[]): Promise<readonly LogSummary[]>;
  /** Newest first. The entries of one click are found without reading others. */
  list(filter: LogFilter, limit: number, after: Position | undefined): Promise<LogPage>;
}

/** Everything except the request as received. */
const summaryAttributes = [
  'log_id',
  'partner_id',
  'key_id',
  'received_at',
  'result',
  'code',
  'message',
  'flags',
  'click_id',
  'offer_id',
  'user_id',
  'conversion_id',
  'transaction_id',
  'status',
  'payout',
  'currency',
  'event',
  'staging',
  'earlier',
] as const satisfies readonly (keyof LogSummary)[];

const noRequest = { custom_data: '{}', raw: { method: '', origin: '', path: '', query: '', headers: {}, source_address: '' } };
const listed = z.array(z.object({ log_id: z.string() }));

export interface LogTables {
  readonly postbacks: string;
  readonly conversions: string;
}

export function createLogReader(client: DynamoDBDocumentClient, tables: LogTables): LogReader {
  const table = tables.postbacks;
  const summaries = async (logIds: readonly string[]): Promise<readonly LogSummary[]> => {
    const keys = [...new Set(logIds)].map((logId) => ({ shard: shardOf(logId), log_id: logId }));
    const rows = await batchGet(client, table, keys, { attributes: summaryAttributes });
    const byId = new Map(rows.map((row) => [row['log_id'], summaryOf(z.parse(logRow, { ...noRequest, ...row }))]));
    return logIds.flatMap((logId) => byId.get(logId) ?? []);
  };
  return {
    async find(logId) {
      const { Item } = await client.send(
        new GetCommand({ TableName: table, Key: { shard: shardOf(logId), log_id: logId }, ConsistentRead: true }),
      );
      return Item === undefined ? undefined : z.parse(logRow, Item);
    },
    findAll: summaries,
    async outlines(partner, from, to, most) {
      const attributes = Object.keys(logOutline.shape);
      const ofShard = (shard: string) =>
        queryAll(
          client,
          {
            TableName: table,
            IndexName: 'by-partner',
            KeyConditionExpression: 'partner_shard = :shard AND log_id BETWEEN :from AND :to',
            ProjectionExpression: attributes.map((name) => `#${name}`).join(', '),
            ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
            ExpressionAttributeValues: { ':shard': shard, ':from': from, ':to': to },
          },
          most / shardCount,
        );
      const rows = await Promise.all(shardsOf(partner).map(ofShard));
      return rows.flat().map((row) => z.parse(logOutline, row));
    },
    async list({ clickId, quoted, ...filter }, limit, after) {
      if (clickId !== undefined && quoted === undefined)
        return listLogOfClick({ client, tables, findAll: summaries }, clickId, filter, { limit, after });
      const { partner, keyId, result, code, from, to } = filter;
      const { rows, next } = await listShards(client, {
        table,
        ...(quoted === undefined ? shardsFor(partner) : shardsOfQuoted(quoted)),
        sort: 'log_id',
        only: 'log_id',
        from,
        to,
        filter: having({ ...attributesOf(quoted), click_id: clickId, key_id: keyId, result, code }),
        limit,
        after,
      });
      return { entries: await summaries(z.parse(listed, rows).map(({ log_id }) => log_id)), next };
    },
  };
}

function shardsFor(partner: string | undefined): Pick<Listing, 'index' | 'partition' | 'shards'> {
  return partner === undefined
    ? { partition: 'shard', shards: shardsOf() }
    : { index: 'by-partner', partition: 'partner_shard', shards: shardsOf(partner) };
}

/** The shards that contain entries with the quoted ids: only some of each partner's. */
export function shardsOfQuoted({ partners, ...names }: Quoted): Pick<Listing, 'index' | 'partition' | 'shards' | 'rare'> {
  const shards = partners.flatMap((partner) => shardsByNames(partner, names));
  return { index: 'by-partner', partition: 'partner_shard', shards, rare: true };
}

/** The attributes by which the store filters them. */
export function attributesOf(quoted: Quoted | undefined): Readonly<Record<string, string | undefined>> {
  return { transaction_id: quoted?.transaction, user_id: quoted?.user };
}

function summaryOf({ raw: _request, custom_data: _data, ...summary }: LogEntry): LogSummary {
  return summary;
}
