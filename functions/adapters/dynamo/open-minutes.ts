import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { decodeTime, encodeTime, ulid } from 'ulid';
import * as z from 'zod/mini';
import type { Minutes, Slice } from '../../domain/recovery/ports.ts';
import { shardOf, shardsOf } from '../../domain/shards.ts';
import { batchGet } from './batch-get.ts';
import { unlessChanged } from './conditions.ts';
import { conversionKey, conversionRow } from './conversion-row.ts';
import { deliveryKey } from './delivery-row.ts';
import { queryAll } from './query-all.ts';
import type { Write } from './transactions.ts';

export interface MinuteTables {
  readonly postbacks: string;
  readonly conversions: string;
  readonly deliveries: string;
}

const minuteMs = 60_000;
/** A partition beside the shards of the log: it contains the open slices, and how far the sweeper has come. */
const openShard = 'open';
const nextRow = 'next';

const openRow = z.object({
  log_id: z.string(),
  again_at: z.string(),
  seen: z.string(),
  unsettled_since: z.optional(z.string()),
  undelivered_since: z.optional(z.string()),
});

function sliceName(minute: number, shard: string): string {
  return `${new Date(minute).toISOString()}#${shard}`;
}

/** Name of the slice to which a log entry belongs. */
export function sliceOf(logId: string): string {
  return sliceName(Math.floor(decodeTime(logId) / minuteMs) * minuteMs, shardOf(logId));
}

/** Opens the slice of a log entry again, because its new content has not been looked at. For the commit that changes the entry. */
export function openMinute(table: string, logId: string): Write {
  return { Put: { TableName: table, Item: { shard: openShard, log_id: sliceOf(logId), again_at: '', seen: ulid() } } };
}

/** The times since which the oldest known work has been open, from the open slices. */
export async function openSince(
  client: DynamoDBDocumentClient,
  table: string,
): Promise<{ readonly unsettled: number | undefined; readonly undelivered: number | undefined }> {
  const rows = await openRows(client, table);
  const oldest = (times: readonly (string | undefined)[]): number | undefined => {
    const [first] = times.filter((time) => time !== undefined).toSorted();
    return first === undefined ? undefined : Date.parse(first);
  };
  return {
    unsettled: oldest(rows.map(({ unsettled_since }) => unsettled_since)),
    undelivered: oldest(rows.map(({ undelivered_since }) => undelivered_since)),
  };
}

async function openRows(client: DynamoDBDocumentClient, table: string): Promise<z.output<typeof openRow>[]> {
  const rows = await queryAll(client, {
    TableName: table,
    KeyConditionExpression: '#shard = :open AND log_id < :next',
    ExpressionAttributeNames: { '#shard': 'shard' },
    ExpressionAttributeValues: { ':open': openShard, ':next': nextRow },
    ConsistentRead: true,
  });
  return rows.map((row) => z.parse(openRow, row));
}

/** @see Minutes */
export function createMinutes(client: DynamoDBDocumentClient, tables: MinuteTables): Minutes {
  return {
    async open(now) {
      const rows = await openRows(client, tables.postbacks);
      const due = rows.filter(({ again_at }) => again_at <= new Date(now).toISOString());
      return due.map(({ log_id, seen }): Slice => {
        const [minute = '', shard = ''] = log_id.split('#');
        return { minute: Date.parse(minute), shard, seen };
      });
    },

    async next() {
      const Key = { shard: openShard, log_id: nextRow };
      const { Item } = await client.send(new GetCommand({ TableName: tables.postbacks, Key, ConsistentRead: true }));
      const minute = z.safeParse(z.object({ minute: z.string() }), Item).data?.minute;
      return minute === undefined ? undefined : Date.parse(minute);
    },

    async received(from) {
      const firsts = await Promise.all(
        shardsOf().map(async (shard) => {
          const { Items = [] } = await client.send(
            new QueryCommand({
              TableName: tables.postbacks,
              KeyConditionExpression: '#shard = :shard AND log_id >= :from',
              ExpressionAttributeNames: { '#shard': 'shard' },
              ExpressionAttributeValues: { ':shard': shard, ':from': encodeTime(from, 10) },
              ProjectionExpression: 'log_id',
              Limit: 1,
            }),
          );
          return Items.map((item) => decodeTime(z.parse(z.object({ log_id: z.string() }), item).log_id));
        }),
      );
      const [first] = firsts.flat().toSorted((a, b) => a - b);
      return first === undefined ? undefined : Math.floor(first / minuteMs) * minuteMs;
    },

    async advance(minute) {
      const Item = { shard: openShard, log_id: nextRow, minute: new Date(minute).toISOString() };
      await unlessChanged(() =>
        client.send(
          new PutCommand({
            TableName: tables.postbacks,
            Item,
            // When two sweepers run at once, the slower one must not set the position back.
            ConditionExpression: 'attribute_not_exists(log_id) OR #minute < :minute',
            ExpressionAttributeNames: { '#minute': 'minute' },
            ExpressionAttributeValues: { ':minute': Item.minute },
          }),
        ),
      );
    },

    async leaveOpen({ minute, shard }, again, { unsettledSince, undeliveredSince }) {
      const Item = {
        shard: openShard,
        log_id: sliceName(minute, shard),
        again_at: new Date(again).toISOString(),
        seen: ulid(),
        unsettled_since: unsettledSince,
        undelivered_since: undeliveredSince,
      };
      await client.send(new PutCommand({ TableName: tables.postbacks, Item }));
    },

    async close({ minute, shard, seen }) {
      if (seen === undefined) return;
      await unlessChanged(() =>
        client.send(
          new DeleteCommand({
            TableName: tables.postbacks,
            Key: { shard: openShard, log_id: sliceName(minute, shard) },
            ConditionExpression: 'seen = :seen',
            ExpressionAttributeValues: { ':seen': seen },
          }),
        ),
      );
    },

    async conversions({ minute, shard, seen }) {
      // A slice that was opened may have changed a moment ago. One that is looked at for the first time is old enough to be in every
      // replica.
      const consistent = seen !== undefined;
      const log = await queryAll(client, {
        TableName: tables.postbacks,
        ConsistentRead: consistent,
        KeyConditionExpression: '#shard = :shard AND log_id BETWEEN :from AND :to',
        FilterExpression: '#result = :accepted AND attribute_exists(conversion_id)',
        ProjectionExpression: 'conversion_id',
        ExpressionAttributeNames: { '#shard': 'shard', '#result': 'result' },
        ExpressionAttributeValues: {
          ':shard': shard,
          ':from': encodeTime(minute, 10),
          ':to': `${encodeTime(minute + minuteMs - 1, 10)}~`,
          ':accepted': 'accepted',
        },
      });
      const ids = new Set(log.map((row) => z.parse(z.object({ conversion_id: z.string() }), row).conversion_id));
      const rows = await batchGet(client, tables.conversions, [...ids].map(conversionKey), { consistent });
      return rows.map((row) => z.parse(conversionRow, row));
    },

    async delivered(ids) {
      const rows = await batchGet(client, tables.deliveries, [...new Set(ids)].map(deliveryKey), { attributes: ['delivery_id'] });
      return new Set(rows.map(({ delivery_id }) => String(delivery_id)));
    },
  };
}
