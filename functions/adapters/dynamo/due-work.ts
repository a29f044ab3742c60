import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { DueWork } from '../../domain/forwarding/ports.ts';
import type { DueReleases } from '../../domain/recovery/ports.ts';
import { shardsOf } from '../../domain/shards.ts';
import { publisherId } from '../../runtime/ids.ts';
import { unlessChanged } from './conditions.ts';
import { conversionIdAtKey } from './conversion-row.ts';
import { deliveryKey, releasedEndpoint } from './delivery-row.ts';

const pageSize = 100;
/** When work that was put back on its queue is looked at again, in case its message is lost too. */
const againMs = 300_000;

const dueDelivery = z.object({ delivery_id: z.string(), due_at: z.string(), publisher_id: publisherId });
const dueConversion = z.object({ owner: z.string(), place: z.string(), due_at: z.string() });

/** Finds due deliveries by key, in bounded pages and without a scan (design decision 4). */
export function createDueWork(client: DynamoDBDocumentClient, table: string): DueWork {
  const ofTable = { table, row: dueDelivery, keyOf: (row: z.output<typeof dueDelivery>) => deliveryKey(row.delivery_id) };
  return {
    deliveries: (now, page) =>
      sweepDue(client, ofTable, now, (rows) =>
        page(
          rows.map(({ delivery_id, publisher_id }) => ({
            deliveryId: delivery_id,
            publisher: publisher_id,
            release: releasedEndpoint(delivery_id),
          })),
        ),
      ),
  };
}

/** Finds conversions whose hold period is over, in the same way. @see DueReleases */
export function createDueReleases(client: DynamoDBDocumentClient, table: string): DueReleases {
  const ofTable = {
    table,
    row: dueConversion,
    keyOf: ({ owner, place }: z.output<typeof dueConversion>) => ({ owner, place }),
  };
  return { conversions: (now, page) => sweepDue(client, ofTable, now, (rows) => page(rows.map(conversionIdAtKey))) };
}

interface DueTable<Row> {
  readonly table: string;
  readonly row: z.ZodMiniType<Row>;
  readonly keyOf: (row: Row) => Readonly<Record<string, string>>;
}

/**
 * Calls back with every row of the table's `due` index whose time has come, page by page, until there are no more or the callback returns
 * `false`.
 */
async function sweepDue<Row extends { readonly due_at: string }>(
  client: DynamoDBDocumentClient,
  { table, row, keyOf }: DueTable<Row>,
  now: number,
  page: (rows: readonly Row[]) => Promise<boolean>,
): Promise<void> {
  const dueIn = async (shard: string): Promise<Row[]> => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'due',
        KeyConditionExpression: 'due_shard = :shard AND due_at <= :now',
        ExpressionAttributeValues: { ':shard': shard, ':now': new Date(now).toISOString() },
        Limit: pageSize,
      }),
    );
    return Items.map((item) => z.parse(row, item));
  };
  /** Moves a row's due time on before the row is handed out, so that it is not handed out every minute. */
  const moveOn = (due: Row): Promise<boolean> =>
    unlessChanged(() =>
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: keyOf(due),
          ConditionExpression: 'due_at = :was',
          UpdateExpression: 'SET due_at = :again',
          ExpressionAttributeValues: { ':was': due.due_at, ':again': new Date(now + againMs).toISOString() },
        }),
      ),
    );

  const sweepShard = async (shard: string): Promise<void> => {
    for (;;) {
      const due = await dueIn(shard);
      const moved = await Promise.all(due.map(moveOn));
      const taken = due.filter((_, index) => moved[index]);
      const goOn = taken.length === 0 || (await page(taken));
      if (!goOn || due.length < pageSize) return;
    }
  };
  await Promise.all(shardsOf().map(sweepShard));
}
