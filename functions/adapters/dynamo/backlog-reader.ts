import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { decodeTime } from 'ulid';
import * as z from 'zod/mini';
import { shardsOf } from '../../domain/shards.ts';
import { batchGet } from './batch-get.ts';
import { conversionRow } from './conversion-row.ts';
import { isReleaseId } from './delivery-row.ts';

/** Times (epoch ms) of the oldest work that is not done; `undefined`: there is none. */
interface Backlog {
  /** Of the oldest change that is not in the ledger yet. */
  readonly unsettled: number | undefined;
  /** Of the oldest delivery that has neither succeeded nor been given up; those held for a paused publisher do not count. */
  readonly undelivered: number | undefined;
}

export interface BacklogReader {
  /** From the indexes of due work: exact while little is due, else of what is due first. */
  oldest(): Promise<Backlog>;
}

export interface BacklogTables {
  readonly conversions: string;
  readonly deliveries: string;
}

/** Due rows looked at in each shard. */
const mostDeliveries = 100;
const mostConversions = 4;

const ids = {
  conversion_id: z.array(z.object({ conversion_id: z.string() })),
  delivery_id: z.array(z.object({ delivery_id: z.string() })),
};

export function createBacklogReader(client: DynamoDBDocumentClient, tables: BacklogTables): BacklogReader {
  const due = async (table: string, limit: number): Promise<readonly Record<string, unknown>[]> => {
    const pages = await Promise.all(
      shardsOf().map((shard) =>
        client.send(
          new QueryCommand({
            TableName: table,
            IndexName: 'due',
            KeyConditionExpression: 'due_shard = :shard',
            ExpressionAttributeValues: { ':shard': shard },
            Limit: limit,
          }),
        ),
      ),
    );
    return pages.flatMap(({ Items = [] }) => Items);
  };
  return {
    async oldest() {
      const [conversionRows, deliveryRows] = await Promise.all([
        due(tables.conversions, mostConversions),
        due(tables.deliveries, mostDeliveries),
      ]);
      const keys = z.parse(ids.conversion_id, conversionRows);
      const conversions = (await batchGet(client, tables.conversions, keys)).map((row) => z.parse(conversionRow, row));
      const unsettled = conversions.flatMap(({ steps, settlements }) => steps.slice(settlements.length).map(({ at }) => Date.parse(at)));
      const waiting = conversions.flatMap(({ settlements, outbox }) =>
        settlements
          .filter(({ deliveries = [] }) => deliveries.some(({ delivery_id }) => outbox.has(delivery_id)))
          .map(({ at }) => Date.parse(at)),
      );
      // A delivery's id carries the time at which it was made.
      const retrying = z
        .parse(ids.delivery_id, deliveryRows)
        .filter(({ delivery_id }) => !isReleaseId(delivery_id))
        .map(({ delivery_id }) => decodeTime(delivery_id));
      return { unsettled: leastOf(unsettled), undelivered: leastOf([...waiting, ...retrying]) };
    },
  };
}

function leastOf(times: readonly number[]): number | undefined {
  return times.reduce<number | undefined>((least, time) => (least === undefined || time < least ? time : least), undefined);
}
