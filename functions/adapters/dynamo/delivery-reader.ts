import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { Delivery } from '../../domain/delivery/delivery.ts';
import { shardsOf } from '../../domain/shards.ts';
import { batchGet } from './batch-get.ts';
import { deliveryKey, deliveryRow } from './delivery-row.ts';
import { having, listShards, type Position } from './listing.ts';

/** Which deliveries to list; an absent filter matches all. */
export interface DeliveryFilter {
  readonly publisher?: string | undefined;
  /** Any of these statuses. */
  readonly statuses?: readonly string[] | undefined;
  /** First and last delivery id, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

interface DeliveryPage {
  readonly deliveries: readonly Delivery[];
  readonly next: Position | undefined;
}

/** Reads deliveries that have a row: those that have been attempted, or for which something else was decided. */
export interface DeliveryReader {
  /** Consistent read. */
  find(deliveryId: string): Promise<Delivery | undefined>;
  /** In the order of the ids; deliveries without a row are left out. */
  findAll(deliveryIds: readonly string[]): Promise<readonly Delivery[]>;
  /** Newest first. */
  list(filter: DeliveryFilter, limit: number, after: Position | undefined): Promise<DeliveryPage>;
}

/** Ids are ULIDs. Rows that continue a release sort above them and are no deliveries. */
const highestId = '8';
const listedKeys = z.array(z.object({ delivery_id: z.string() }));

export function createDeliveryReader(client: DynamoDBDocumentClient, table: string): DeliveryReader {
  const findAll = async (ids: readonly string[]): Promise<readonly Delivery[]> => {
    const rows = await batchGet(client, table, [...new Set(ids)].map(deliveryKey));
    const byId = new Map(rows.map((row) => [row['delivery_id'], z.parse(deliveryRow, row)]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  };
  return {
    async find(deliveryId) {
      // No delivery id contains it, but the ids of release rows do.
      if (deliveryId.includes('#')) return undefined;
      const { Item } = await client.send(new GetCommand({ TableName: table, Key: deliveryKey(deliveryId), ConsistentRead: true }));
      return Item === undefined ? undefined : z.parse(deliveryRow, Item);
    },
    findAll,
    async list({ publisher, statuses, from, to = highestId }, limit, after) {
      const { rows, next } = await listShards(client, {
        table,
        ...(publisher === undefined
          ? { partition: 'shard', shards: shardsOf() }
          : { index: 'by-publisher', partition: 'publisher_shard', shards: shardsOf(publisher) }),
        sort: 'delivery_id',
        only: 'delivery_id',
        from,
        to,
        filter: having({ status: statuses }),
        limit,
        after,
      });
      return { deliveries: await findAll(z.parse(listedKeys, rows).map(({ delivery_id }) => delivery_id)), next };
    },
  };
}
