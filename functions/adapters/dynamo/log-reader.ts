import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { LogEntry } from '../../domain/log-entry.ts';
import { shardOf, shardsOf } from '../../domain/shards.ts';
import { batchGet } from './batch-get.ts';
import { having, listShards, type Position } from './listing.ts';
import { listLogOfClick } from './log-of-click.ts';
import { logRow } from './log-row.ts';

/** Which entries of the postback log; what is absent is not asked for. */
export interface LogFilter {
  readonly partner?: string | undefined;
  readonly keyId?: string | undefined;
  readonly clickId?: string | undefined;
  readonly result?: string | undefined;
  readonly code?: string | readonly string[] | undefined;
  /** First and last log id, inclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** A log entry without what it keeps of the request, which can be large. */
export type LogSummary = Omit<LogEntry, 'raw' | 'custom_data'>;

export interface LogPage {
  readonly entries: readonly LogSummary[];
  readonly next: Position | undefined;
}

export interface LogReader {
  /** Consistent read. */
  find(logId: string): Promise<LogEntry | undefined>;
  /** In the order of the ids; those that do not exist are left out. */
  findAll(logIds: readonly string[]): Promise<readonly LogSummary[]>;
  /** Newest first; those of a click without reading any others. */
  list(filter: LogFilter, limit: number, after: Position | undefined): Promise<LogPage>;
}

/** Everything but the request as received. */
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
    async list({ clickId, ...filter }, limit, after) {
      if (clickId !== undefined) return listLogOfClick({ client, tables, findAll: summaries }, clickId, filter, { limit, after });
      const { partner, keyId, result, code, from, to } = filter;
      const { rows, next } = await listShards(client, {
        table,
        ...(partner === undefined
          ? { partition: 'shard', shards: shardsOf() }
          : { index: 'by-partner', partition: 'partner_shard', shards: shardsOf(partner) }),
        sort: 'log_id',
        only: 'log_id',
        from,
        to,
        filter: having({ key_id: keyId, result, code }),
        limit,
        after,
      });
      return { entries: await summaries(z.parse(listed, rows).map(({ log_id }) => log_id)), next };
    },
  };
}

function summaryOf({ raw: _request, custom_data: _data, ...summary }: LogEntry): LogSummary {
  return summary;
}
