import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { encodeTime } from 'ulid';
import * as z from 'zod/mini';
import { stepsOf } from '../../domain/conversion.ts';
import { isPostbackId } from '../../domain/conversion-id.ts';
import type { Account } from '../../domain/ledger.ts';
import type { AccountChain, LoggedPostback, Records } from '../../domain/reconcile.ts';
import { shardOf, shardsOf } from '../../domain/shards.ts';
import { postbackResults } from '../../domain/status.ts';
import { inTurns } from '../../runtime/in-turns.ts';
import { batchGet } from './batch-get.ts';
import { conversionKey, conversionRow } from './conversion-row.ts';
import { deliveryKey, deliveryRow, isReleaseId } from './delivery-row.ts';
import { accountKey, ledgerRow } from './ledger-row.ts';
import type { Row } from './listing.ts';
import { queryAll } from './query-all.ts';

export interface RecordTables {
  readonly postbacks: string;
  readonly conversions: string;
  readonly ledger: string;
  readonly deliveries: string;
}

/** What was received in a stretch of time, or the part of it in some shards. */
export interface Stretch {
  /** Epoch milliseconds, both included; absent: no limit on that side. */
  readonly from?: number;
  readonly to?: number;
  /** Absent: all shards. */
  readonly shards?: readonly string[];
}

export interface ReaderOptions {
  /** The number of newest entries of an account's chain that are read; absent: all. */
  readonly mostEntries?: number;
  /** Absent: yes. For data that is older than any replica lags behind, an eventually consistent read costs half. */
  readonly consistent?: boolean;
}

export interface RecordsReader {
  /**
   * Reads every log entry of the stretch and everything that its postbacks led to, by key. It holds all of that in memory, so ask only for
   * as much as fits.
   */
  read(stretch: Stretch): Promise<Records>;
}

/** The beginning of every id of that time; ids sort by their time. */
const timeOf = (ms: number): string => encodeTime(ms, 10);

const logged = z.object({
  log_id: z.string(),
  result: z.enum(postbackResults),
  conversion_id: z.optional(z.string()),
  received_at: z.string(),
});
const loggedAttributes = ['log_id', 'result', 'conversion_id', 'received_at'];
const due = z.object({ due_shard: z.optional(z.string()) });
const deliveryOf = z.object({ delivery_id: z.string(), conversion_id: z.optional(z.string()) });

export function createRecordsReader(
  client: DynamoDBDocumentClient,
  tables: RecordTables,
  { mostEntries = Infinity, consistent = true }: ReaderOptions = {},
): RecordsReader {
  /** All rows of a stretch, from a table or an index. */
  const between = async (
    table: string,
    index: string | undefined,
    partition: string,
    sort: string,
    { from, to, shards = shardsOf() }: Stretch,
    attributes: readonly string[],
  ): Promise<Row[]> => {
    const names = Object.fromEntries(attributes.map((name, index) => [`#a${index}`, name]));
    const ofShard = (shard: string): Promise<Row[]> =>
      queryAll(client, {
        TableName: table,
        IndexName: index,
        KeyConditionExpression: '#partition = :shard AND #sort BETWEEN :from AND :to',
        ProjectionExpression: Object.keys(names).join(', '),
        ExpressionAttributeNames: { '#partition': partition, '#sort': sort, ...names },
        ExpressionAttributeValues: {
          ':shard': shard,
          ':from': from === undefined ? '0' : timeOf(from),
          ':to': `${to === undefined ? '' : timeOf(to)}~`,
        },
        // An index cannot be read consistently.
        ConsistentRead: consistent && index === undefined,
      });
    return (await Promise.all(shards.map(ofShard))).flat();
  };

  const chainOf = async (account: Account): Promise<AccountChain> => {
    const rows = await queryAll(
      client,
      {
        TableName: tables.ledger,
        KeyConditionExpression: '#account = :account',
        ExpressionAttributeNames: { '#account': 'account' },
        ExpressionAttributeValues: { ':account': accountKey(account) },
        ConsistentRead: consistent,
        ScanIndexForward: false,
        ...(mostEntries < Infinity && { Limit: mostEntries + 1 }),
      },
      mostEntries,
    );
    const entries = rows.slice(0, mostEntries).map((row) => z.parse(ledgerRow, row));
    return { account, entries: entries.reverse(), cut: rows.length > mostEntries };
  };

  const logOf = async (ids: readonly string[]): Promise<LoggedPostback[]> => {
    const rows = await batchGet(
      client,
      tables.postbacks,
      ids.map((id) => ({ shard: shardOf(id), log_id: id })),
      { consistent, attributes: loggedAttributes },
    );
    return rows.map((row) => z.parse(logged, row));
  };

  return {
    async read(stretch) {
      const log = (await between(tables.postbacks, undefined, 'shard', 'log_id', stretch, loggedAttributes)).map((row) =>
        z.parse(logged, row),
      );
      const ids = new Set(log.flatMap(({ conversion_id }) => (conversion_id === undefined ? [] : [conversion_id])));
      const conversionKeys = [...ids].filter((id) => !isPostbackId(id)).map(conversionKey);
      const conversions = (await batchGet(client, tables.conversions, conversionKeys, { consistent })).map((row) =>
        z.parse(conversionRow, row),
      );

      const known = new Set(log.map(({ log_id }) => log_id));
      const outside = new Set(conversions.flatMap((row) => stepsOf(row).map(({ log_id }) => log_id)).filter((id) => !known.has(id)));
      const accounts = new Map(
        conversions.map((row) => [JSON.stringify([row.publisher_id, row.user_id]), { publisher: row.publisher_id, user: row.user_id }]),
      );
      // A delivery of an older conversion belongs to that conversion's stretch; one without a conversion is a forward-only partner's.
      const own = (await between(tables.deliveries, undefined, 'shard', 'delivery_id', stretch, Object.keys(deliveryOf.shape)))
        .map((row) => z.parse(deliveryOf, row))
        .filter(({ delivery_id, conversion_id }) => conversion_id === undefined && !isReleaseId(delivery_id));
      const named = conversions.flatMap((row) =>
        row.settlements.flatMap(({ deliveries }) => deliveries.map(({ delivery_id }) => delivery_id)),
      );
      const deliveryIds = new Set([...own.map(({ delivery_id }) => delivery_id), ...named]);
      const deliveries = (await batchGet(client, tables.deliveries, [...deliveryIds].map(deliveryKey), { consistent })).map((row) => ({
        row: z.parse(deliveryRow, row),
        watched: z.parse(due, row).due_shard !== undefined,
      }));
      return {
        log: [...log, ...(await logOf([...outside]))],
        conversions,
        accounts: await inTurns([...accounts.values()], chainOf),
        deliveries,
      };
    },
  };
}
