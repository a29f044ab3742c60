import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { withAttempt } from '../../domain/delivery/delivery.ts';
import { endpointOf } from '../../domain/delivery/postbacks.ts';
import type { Outbox } from '../../domain/forwarding/ports.ts';
import { unlessChanged } from './conditions.ts';
import { dueAttributes } from './conversion-row.ts';
import { deliveryKey, deliveryRow, heldShard, newDeliveryItem } from './delivery-row.ts';
import { toAttribute } from './item.ts';
import { createNewRows } from './new-rows.ts';
import { readConversion } from './read-conversion.ts';
import { createPlainRowReader } from './row-reader.ts';

export interface OutboxTables {
  readonly conversions: string;
  readonly deliveries: string;
}

/** @see Outbox */
export function createOutbox(client: DynamoDBDocumentClient, tables: OutboxTables): Outbox {
  const writeNew = createNewRows(client, tables.deliveries, 'delivery_id');
  const readRow = createPlainRowReader(client);
  const read = (id: string, consistent: boolean) => readConversion(readRow, tables.conversions, id, consistent);
  return {
    async conversion(id, deliveryId) {
      const cheap = await read(id, false);
      const knows = cheap?.settlements.some(({ deliveries }) => deliveries.some(({ delivery_id }) => delivery_id === deliveryId));
      return knows ? cheap : read(id, true);
    },

    async delivery(id) {
      const { Item } = await client.send(new GetCommand({ TableName: tables.deliveries, Key: deliveryKey(id), ConsistentRead: true }));
      return Item === undefined ? undefined : z.parse(deliveryRow, Item);
    },

    create: (delivery, dueAt) => writeNew(newDeliveryItem(delivery, dueAt)),

    advance(delivery, progress) {
      const due =
        progress.status === 'held'
          ? { due_shard: heldShard(endpointOf(delivery.publisher_id, delivery.postback_id)), due_at: delivery.created_at }
          : progress.dueAt === undefined
            ? undefined
            : dueAttributes(delivery.delivery_id, progress.dueAt);
      const changes: Record<string, unknown> = {
        status: progress.status,
        next_attempt_at: progress.nextAttemptAt,
        delivered_at: progress.deliveredAt,
        due_shard: due?.due_shard,
        due_at: due?.due_at,
        reserved_for: progress.reservedFor,
        attempts: progress.attempt === undefined ? undefined : toAttribute(withAttempt(delivery.attempts, progress.attempt)),
        sent: toAttribute(progress.sent),
      };
      const set = Object.keys(changes).filter((name) => changes[name] !== undefined);
      const remove = Object.keys(changes).filter(
        (name) => changes[name] === undefined && !['attempts', 'sent', 'delivered_at'].includes(name),
      );
      return unlessChanged(() =>
        client.send(
          new UpdateCommand({
            TableName: tables.deliveries,
            Key: deliveryKey(delivery.delivery_id),
            // The condition: since the row was read, nobody has made an attempt or decided otherwise.
            ConditionExpression: `#status = :was AND ${delivery.attempts.length === 0 ? 'attribute_not_exists(attempts)' : 'size(attempts) = :attempts_made'}`,
            UpdateExpression: `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}${remove.length > 0 ? ` REMOVE ${remove.map((name) => `#${name}`).join(', ')}` : ''}`,
            ExpressionAttributeNames: Object.fromEntries([...new Set([...set, ...remove, 'status'])].map((name) => [`#${name}`, name])),
            ExpressionAttributeValues: {
              ...Object.fromEntries(set.map((name) => [`:${name}`, changes[name]])),
              ':was': delivery.status,
              ...(delivery.attempts.length === 0 ? {} : { ':attempts_made': delivery.attempts.length }),
            },
          }),
        ),
      );
    },
  };
}
