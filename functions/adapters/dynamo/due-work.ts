import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { DueWork } from '../../domain/forwarding/ports.ts';
import { shardsOf } from '../../domain/shards.ts';
import { publisherId } from '../../runtime/ids.ts';
import { unlessChanged } from './conditions.ts';
import { deliveryKey, releasedEndpoint } from './delivery-row.ts';

const pageSize = 100;
/** Work that was put back on its queue is looked at again after this, should the message be lost too. */
const againMs = 300_000;

const dueConversion = z.object({ conversion_id: z.string(), due_at: z.string() });
const dueDelivery = z.object({ delivery_id: z.string(), due_at: z.string(), publisher_id: publisherId });

export interface DueTables {
  readonly conversions: string;
  readonly deliveries: string;
}

/** Finds stuck and due work by key, in bounded pages, without a scan (design decision 4). */
export function createDueWork(client: DynamoDBDocumentClient, tables: DueTables): DueWork {
  /** Pages of one shard; each row's due time is moved on before it is handed out, so that nothing is handed out every minute. */
  async function sweepShard<Row extends { due_at: string }>(
    table: string,
    shard: string,
    now: number,
    row: z.ZodMiniType<Row>,
    keyOf: (row: Row) => Record<string, string>,
    page: (rows: readonly Row[]) => Promise<boolean>,
  ): Promise<void> {
    for (;;) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'due',
          KeyConditionExpression: 'due_shard = :shard AND due_at <= :now',
          ExpressionAttributeValues: { ':shard': shard, ':now': new Date(now).toISOString() },
          Limit: pageSize,
        }),
      );
      const due = Items.map((item) => z.parse(row, item));
      const moved = await Promise.all(
        due.map((found) =>
          unlessChanged(() =>
            client.send(
              new UpdateCommand({
                TableName: table,
                Key: keyOf(found),
                ConditionExpression: 'due_at = :was',
                UpdateExpression: 'SET due_at = :again',
                ExpressionAttributeValues: { ':was': found.due_at, ':again': new Date(now + againMs).toISOString() },
              }),
            ),
          ),
        ),
      );
      const taken = due.filter((_, index) => moved[index]);
      const goOn = taken.length === 0 || (await page(taken));
      if (!goOn || due.length < pageSize) return;
    }
  }

  return {
    async conversions(now, page) {
      await Promise.all(
        shardsOf().map((shard) =>
          sweepShard(
            tables.conversions,
            shard,
            now,
            dueConversion,
            ({ conversion_id }) => ({ conversion_id }),
            (rows) => page(rows.map(({ conversion_id }) => conversion_id)),
          ),
        ),
      );
    },
    async deliveries(now, page) {
      await Promise.all(
        shardsOf().map((shard) =>
          sweepShard(
            tables.deliveries,
            shard,
            now,
            dueDelivery,
            ({ delivery_id }) => deliveryKey(delivery_id),
            (rows) =>
              page(
                rows.map(({ delivery_id, publisher_id }) => ({
                  deliveryId: delivery_id,
                  publisher: publisher_id,
                  release: releasedEndpoint(delivery_id),
                })),
              ),
          ),
        ),
      );
    },
  };
}
