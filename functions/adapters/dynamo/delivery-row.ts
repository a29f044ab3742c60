import * as z from 'zod/mini';
import { type Delivery, deliveryStatuses } from '../../domain/delivery/delivery.ts';
import { deliveryFieldNames } from '../../domain/delivery/fields.ts';
import { shardOf } from '../../domain/shards.ts';
import { publisherId } from '../../runtime/ids.ts';
import { dueAttributes } from './conversion-row.ts';
import { count, toItem } from './item.ts';

const text = z.optional(z.string());

export const deliveryRow: z.ZodMiniType<Delivery> = z.object({
  delivery_id: z.string(),
  publisher_id: publisherId,
  conversion_id: text,
  step: z.optional(count),
  parameters: z.optional(z.array(z.tuple([z.string(), z.string(), z.optional(z.literal(true))]))),
  said: z.optional(z.partialRecord(z.enum(deliveryFieldNames), z.string())),
  log_id: z.string(),
  status: z.enum(deliveryStatuses),
  attempts: z._default(
    z.array(
      z.object({ at: z.string(), url: z.string(), code: z.string(), http_status: z.optional(count), duration_ms: count, answer: text }),
    ),
    [],
  ),
  created_at: z.string(),
  next_attempt_at: text,
  delivered_at: text,
});

const keptSeconds = 400 * 86_400;

export function deliveryKey(id: string): { shard: string; delivery_id: string } {
  return { shard: shardOf(id), delivery_id: id };
}

/** Shard of the index entry under which the held deliveries of a paused publisher wait. */
export function heldShard(publisher: string): string {
  return `held#${publisher}`;
}

/** @param dueAt epoch ms at which the sweeper takes it up; `undefined`: never. */
export function newDeliveryItem(
  delivery: Omit<Delivery, 'publisher_id'> & { publisher_id: string },
  dueAt: number | undefined,
): ReturnType<typeof toItem> {
  return {
    ...toItem({ ...delivery, attempts: delivery.attempts.length > 0 ? delivery.attempts : undefined }),
    shard: shardOf(delivery.delivery_id),
    publisher_shard: `${delivery.publisher_id}#${shardOf(delivery.delivery_id)}`,
    expires_at: Math.floor(Date.parse(delivery.created_at) / 1_000) + keptSeconds,
    ...(delivery.status === 'held'
      ? { due_shard: heldShard(delivery.publisher_id), due_at: delivery.created_at }
      : dueAt === undefined
        ? {}
        : dueAttributes(delivery.delivery_id, dueAt)),
  };
}

const releasePrefix = 'release#';

/** Id of the row that has the sweeper go on releasing what was held for a publisher. It is no delivery and in no list. */
export function releaseId(publisher: string): string {
  return `${releasePrefix}${publisher}`;
}

export function isReleaseId(id: string): boolean {
  return id.startsWith(releasePrefix);
}
