import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { decodeTime } from 'ulid';
import * as z from 'zod/mini';
import { shardsOf } from '../../domain/shards.ts';
import { isReleaseId } from './delivery-row.ts';
import { openSince } from './open-minutes.ts';

/** Times (epoch ms) of the oldest unfinished work; `undefined`: there is none. */
interface Backlog {
  /** Time of the oldest change that is not in the ledger yet. */
  readonly unsettled: number | undefined;
  /** Time of the oldest delivery that has neither succeeded nor been given up; those held for a paused publisher do not count. */
  readonly undelivered: number | undefined;
}

export interface BacklogReader {
  /** Reads the minutes that the sweeper has left open, and what is due. Work younger than two minutes does not show. */
  oldest(): Promise<Backlog>;
}

export interface BacklogTables {
  readonly postbacks: string;
  readonly deliveries: string;
}

/** The most due rows that are read in each shard. */
const mostDeliveries = 100;
const dueRows = z.array(z.object({ delivery_id: z.string() }));

export function createBacklogReader(client: DynamoDBDocumentClient, tables: BacklogTables): BacklogReader {
  const dueIn = async (shard: string): Promise<string[]> => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: tables.deliveries,
        IndexName: 'due',
        KeyConditionExpression: 'due_shard = :shard',
        ExpressionAttributeValues: { ':shard': shard },
        Limit: mostDeliveries,
      }),
    );
    return z.parse(dueRows, Items).map(({ delivery_id }) => delivery_id);
  };
  return {
    async oldest() {
      const [open, due] = await Promise.all([openSince(client, tables.postbacks), Promise.all(shardsOf().map(dueIn))]);
      // A delivery's id contains the time when it was created.
      const retrying = due
        .flat()
        .filter((id) => !isReleaseId(id))
        .map((id) => decodeTime(id));
      return {
        unsettled: open.unsettled,
        undelivered: leastOf([...(open.undelivered === undefined ? [] : [open.undelivered]), ...retrying]),
      };
    },
  };
}

function leastOf(times: readonly number[]): number | undefined {
  return times.reduce<number | undefined>((least, time) => (least === undefined || time < least ? time : least), undefined);
}
