import * as z from 'zod/mini';
import { deliveryFieldNames } from '../domain/delivery/fields.ts';
import type { Known } from '../domain/forwarding/ports.ts';
import { offerId, placementId, publisherId } from './ids.ts';

/** The version of the messages; a function reads its own version and the one before, so that a deployment can go back. */
export const messageVersion = 1;

export const settleMessage = z.object({
  v: z.literal(messageVersion),
  conversion_id: z.string(),
  steps: z.int(),
  /** From the sweeper: deliveries that nobody has attempted are to be queued again. */
  swept: z.optional(z.boolean()),
});
const knownMessage: z.ZodMiniType<Known> = z.object({
  step: z.int(),
  sequence: z.int(),
  log_id: z.string(),
  at: z.string(),
  last: z.boolean(),
  placement_id: z.optional(placementId),
  offer_id: offerId,
  fields: z.partialRecord(z.enum(deliveryFieldNames), z.string()),
});
export const forwardMessage = z.object({
  v: z.literal(messageVersion),
  delivery_id: z.string(),
  publisher_id: publisherId,
  conversion_id: z.optional(z.string()),
  /** Absent: the publisher's plain one, or the delivery's row knows. */
  postback_id: z.optional(z.string()),
  attempt: z.optional(z.int()),
  /** Absent in messages of the sweeper, of retries, and of deliveries with very long parameters. */
  known: z.optional(knownMessage),
});
