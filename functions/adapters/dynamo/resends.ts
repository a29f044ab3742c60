import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Delivery } from '../../domain/delivery/delivery.ts';
import { unlessChanged } from './conditions.ts';
import { dueAttributes, graceMs } from './conversion-row.ts';
import { deliveryKey } from './delivery-row.ts';
import { commit, type Write } from './transactions.ts';

export interface Resends {
  /**
   * Schedules a delivery to be sent again now, under the same id.
   *
   * @param also further writes of the same commit, such as the audit entry.
   * @returns `false` when it has changed since it was read; nothing was written.
   */
  schedule(delivery: Delivery, now: number, also?: readonly Write[]): Promise<boolean>;
}

export function createResends(client: DynamoDBDocumentClient, table: string): Resends {
  return {
    async schedule({ delivery_id, status, attempts }, now, also = []) {
      const due = dueAttributes(delivery_id, now + graceMs);
      const Update = {
        TableName: table,
        Key: deliveryKey(delivery_id),
        ConditionExpression: `#status = :was AND ${attempts.length === 0 ? 'attribute_not_exists(attempts)' : 'size(attempts) = :attempts'}`,
        UpdateExpression: 'SET #status = :scheduled, next_attempt_at = :now, due_shard = :shard, due_at = :due',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':was': status,
          ':scheduled': 'scheduled',
          ':now': new Date(now).toISOString(),
          ':shard': due.due_shard,
          ':due': due.due_at,
          ...(attempts.length === 0 ? {} : { ':attempts': attempts.length }),
        },
      };
      if (also.length === 0) return unlessChanged(() => client.send(new UpdateCommand(Update)));
      return (await commit(client, [{ Update }, ...also])).committed;
    },
  };
}
