import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { endpointOf } from '../../domain/delivery/postbacks.ts';
import { publisherId } from '../../runtime/ids.ts';
import { heldShard } from './delivery-row.ts';
import { settingsOfKind } from './query-all.ts';

export interface HeldBacklogTables {
  readonly settings: string;
  readonly deliveries: string;
}

/** Publishers whose held deliveries are read at the same time. */
const lanes = 16;

const publisherRows = z.array(
  z.object({ publisher_id: publisherId, postbacks: z._default(z.array(z.object({ postback_id: z.string() })), []) }),
);
const heldRows = z.array(z.object({ due_at: z.string() }));

/**
 * When the oldest delivery was created (epoch ms) that is held for a paused publisher; `undefined` when nothing is held. It takes one query
 * for each endpoint, since held deliveries can be found only by the endpoint's name.
 */
export function createHeldBacklog(client: DynamoDBDocumentClient, tables: HeldBacklogTables): () => Promise<number | undefined> {
  const oldestOf = async (endpoint: string): Promise<number | undefined> => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: tables.deliveries,
        IndexName: 'due',
        KeyConditionExpression: 'due_shard = :shard',
        ExpressionAttributeValues: { ':shard': heldShard(endpoint) },
        Limit: 1,
      }),
    );
    const [oldest] = z.parse(heldRows, Items);
    return oldest === undefined ? undefined : Date.parse(oldest.due_at);
  };
  return async () => {
    const endpoints = await endpointsOf(client, tables.settings);
    let oldest: number | undefined;
    const lane = async (): Promise<void> => {
      for (let endpoint = endpoints.pop(); endpoint !== undefined; endpoint = endpoints.pop()) {
        const time = await oldestOf(endpoint);
        if (time !== undefined && (oldest === undefined || time < oldest)) oldest = time;
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return oldest;
  };
}

async function endpointsOf(client: DynamoDBDocumentClient, settings: string): Promise<string[]> {
  return z
    .parse(publisherRows, await settingsOfKind(client, settings, 'publisher'))
    .flatMap(({ publisher_id, postbacks }) => [publisher_id, ...postbacks.map(({ postback_id }) => endpointOf(publisher_id, postback_id))]);
}
