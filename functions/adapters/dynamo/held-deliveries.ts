import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { HeldDeliveries } from '../../domain/forwarding/ports.ts';
import { unlessChanged } from './conditions.ts';
import { dueAttributes, graceMs } from './conversion-row.ts';
import { deliveryKey, heldShard, releaseId } from './delivery-row.ts';

const heldKeys = z.array(z.object({ delivery_id: z.string() }));

/** @see HeldDeliveries */
export function createHeldDeliveries(client: DynamoDBDocumentClient, table: string): HeldDeliveries {
  return {
    async held(endpoint, most) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'due',
          KeyConditionExpression: 'due_shard = :shard',
          ExpressionAttributeValues: { ':shard': heldShard(endpoint) },
          Limit: most,
        }),
      );
      return z.parse(heldKeys, Items).map(({ delivery_id }) => delivery_id);
    },

    async schedule(deliveryId, at) {
      const due = dueAttributes(deliveryId, at + graceMs);
      await unlessChanged(() =>
        client.send(
          new UpdateCommand({
            TableName: table,
            Key: deliveryKey(deliveryId),
            ConditionExpression: '#status = :held',
            UpdateExpression: 'SET #status = :scheduled, next_attempt_at = :at, due_shard = :shard, due_at = :due',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':held': 'held',
              ':scheduled': 'scheduled',
              ':at': new Date(at).toISOString(),
              ':shard': due.due_shard,
              ':due': due.due_at,
            },
          }),
        ),
      );
    },

    async continueAt(endpoint, at) {
      const key = deliveryKey(releaseId(endpoint));
      if (at === undefined) await client.send(new DeleteCommand({ TableName: table, Key: key }));
      else
        await client.send(
          new PutCommand({
            TableName: table,
            Item: { ...key, publisher_id: endpoint.split('#')[0], ...dueAttributes(key.delivery_id, at) },
          }),
        );
    },
  };
}
