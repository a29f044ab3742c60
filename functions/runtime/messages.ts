import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { deliveryFieldNames } from '../domain/delivery/fields.ts';
import type { Known } from '../domain/forwarding/ports.ts';
import { offerId, placementId, publisherId } from './ids.ts';

/** The version of the messages; a function reads its own version and the one before, so that both can run side by side. */
export const messageVersion = 2;
const version = z.union([z.literal(messageVersion), z.literal(1)]);

export const settleMessage = z.object({
  v: version,
  conversion_id: z.string(),
  /** The conversion has at least this revision. Absent: the sender does not know it, and the processor reads the conversion. */
  revision: z.optional(z.int()),
  /** The row as it was written at that revision. Absent in messages of the sweeper, and for conversions about which very much was said. */
  conversion: z.optional(z.record(z.string(), z.custom<AttributeValue>())),
});
const knownMessage: z.ZodMiniType<Known> = z.object({
  step: z.int(),
  sequence: z.optional(z.int()),
  log_id: z.string(),
  at: z.string(),
  postback_id: z.optional(z.string()),
  placement_id: z.optional(placementId),
  offer_id: offerId,
  fields: z.partialRecord(z.enum(deliveryFieldNames), z.string()),
});
export const forwardMessage = z.object({
  v: version,
  delivery_id: z.string(),
  publisher_id: publisherId,
  conversion_id: z.optional(z.string()),
  /** Absent: the publisher's plain postback URL, or the delivery's row names it. */
  postback_id: z.optional(z.string()),
  attempt: z.optional(z.int()),
  /** How many messages in a row the processor has sent itself up to this one; absent: none. */
  hops: z.optional(z.int()),
  /** Absent in messages of the sweeper, of retries, and of deliveries with very long parameters. */
  known: z.optional(knownMessage),
});
