import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { DueWork } from '../../domain/forwarding/ports.ts';
import { shardsOf } from '../../domain/shards.ts';
import { publisherId } from '../../runtime/ids.ts';
import { unlessChanged } from './conditions.ts';
import { deliveryKey, isReleaseId } from './delivery-row.ts';

const pageSize = 100;
/** Work that was put back on its queue is looked at again after this, should the message be lost too. */
const againMs = 300_000;

const dueDelivery = z.object({ delivery_id: z.string(), due_at: z.string(), publisher_id: publisherId });

/** Finds deliveries that are due by key, in bounded pages, without a scan (design decision 4). */
export function createDueWork(client: DynamoDBDocumentClient, table: string): DueWork {
  const dueIn = async (shard: string, now: number): Promise<z.output<typeof dueDelivery>[]> => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'due',
        KeyConditionExpression: 'due_shard = :shard AND due_at <= :now',
        ExpressionAttributeValues: { ':shard': shard, ':now': new Date(now).toISOString() },
        Limit: pageSize,
      }),
    );
    return Items.map((item) => z.parse(dueDelivery, item));
  };
  /** Each row's due time is moved on before it is handed out, so that nothing is handed out every minute. */
  const moveOn = ({ delivery_id, due_at }: z.output<typeof dueDelivery>, now: number): Promise<boolean> =>
    unlessChanged(() =>
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: deliveryKey(delivery_id),
          ConditionExpression: 'due_at = :was',
          UpdateExpression: 'SET due_at = :again',
          ExpressionAttributeValues: { ':was': due_at, ':again': new Date(now + againMs).toISOString() },
        }),
      ),
    );

  return {
    async deliveries(now, page) {
      const sweepShard = async (shard: string): Promise<void> => {
        for (;;) {
          const due = await dueIn(shard, now);
          const moved = await Promise.all(due.map((row) => moveOn(row, now)));
          const taken = due
            .filter((_, index) => moved[index])
            .map(({ delivery_id, publisher_id }) => ({
              deliveryId: delivery_id,
              publisher: publisher_id,
              release: isReleaseId(delivery_id),
            }));
          const goOn = taken.length === 0 || (await page(taken));
          if (!goOn || due.length < pageSize) return;
        }
      };
      await Promise.all(shardsOf().map(sweepShard));
    },
  };
}
