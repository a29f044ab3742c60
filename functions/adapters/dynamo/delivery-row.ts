import * as z from 'zod/mini';
import { type Delivery, deliveryStatuses } from '../../domain/delivery/delivery.ts';
import { deliveryFieldNames } from '../../domain/delivery/fields.ts';
import { endpointOf } from '../../domain/delivery/postbacks.ts';
import { shardOf } from '../../domain/shards.ts';
import { publisherId } from '../../runtime/ids.ts';
import { dueAttributes } from './conversion-row.ts';
import { count, toItem } from './item.ts';

const text = z.optional(z.string());

export const deliveryRow: z.ZodMiniType<Delivery> = z.object({
  delivery_id: z.string(),
  publisher_id: publisherId,
  postback_id: text,
  conversion_id: text,
  step: z.optional(count),
  sequence: z.optional(count),
  parameters: z.optional(z.array(z.tuple([z.string(), z.string(), z.optional(z.literal(true))]))),
  said: z.optional(z.partialRecord(z.enum(deliveryFieldNames), z.string())),
  alert: text,
  log_id: z.string(),
  status: z.enum(deliveryStatuses),
  attempts: z._default(
    z.array(z.object({ at: z.string(), code: z.string(), http_status: z.optional(count), duration_ms: count, answer: text })),
    [],
  ),
  sent: z.optional(z.object({ method: z.string(), url: z.string(), headers: z.record(z.string(), z.string()), body: text })),
  created_at: z.string(),
  next_attempt_at: text,
  reserved_for: z.optional(count),
  delivered_at: text,
});

const keptSeconds = 400 * 86_400;

export function deliveryKey(id: string): { shard: string; delivery_id: string } {
  return { shard: shardOf(id), delivery_id: id };
}

/** The shard of the index in which the held deliveries of a paused endpoint wait. */
export function heldShard(endpoint: string): string {
  return `held#${endpoint}`;
}

/** @param dueAt epoch ms at which the sweeper picks it up; `undefined`: never. */
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
      ? { due_shard: heldShard(endpointOf(delivery.publisher_id, delivery.postback_id)), due_at: delivery.created_at }
      : dueAt === undefined
        ? {}
        : dueAttributes(delivery.delivery_id, dueAt)),
  };
}

const releasePrefix = 'release#';

/** Id of the row that makes the sweeper continue the release of an endpoint's held deliveries. It is no delivery, and no list shows it. */
export function releaseId(endpoint: string): string {
  return `${releasePrefix}${endpoint}`;
}

/** The endpoint of such a row; `undefined` when the id is that of a delivery. */
export function releasedEndpoint(id: string): string | undefined {
  return isReleaseId(id) ? id.slice(releasePrefix.length) : undefined;
}

export function isReleaseId(id: string): boolean {
  return id.startsWith(releasePrefix);
}
