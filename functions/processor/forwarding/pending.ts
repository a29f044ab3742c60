import type * as z from 'zod/mini';
import { type Conversion, stepsOf } from '../../domain/conversion.ts';
import type { Delivery } from '../../domain/delivery/delivery.ts';
import type { Known } from '../../domain/forwarding/ports.ts';
import { graceMs } from '../../domain/forwarding/progress.ts';
import type { PublisherId } from '../../domain/ids.ts';
import type { forwardMessage } from '../../runtime/messages.ts';
import type { ForwardDependencies } from './ports.ts';

/** A message of the deliveries queue. */
export interface ForwardRequest {
  readonly deliveryId: string;
  readonly publisher: PublisherId;
  /** Absent: the publisher's plain postback, or the one that the delivery's row names. */
  readonly postbackId?: string | undefined;
  /** Present until the delivery has a row of its own. */
  readonly conversionId?: string | undefined;
  /** How many attempts had been made when the message was sent; absent: unknown, so the delivery is attempted if it is due. */
  readonly attempt?: number | undefined;
  /** What the settlement knew about it. Only the first attempt uses this, and only while it is fresh. */
  readonly known?: Known | undefined;
  /** Whether somebody may have worked on the message before. */
  readonly repeated: boolean;
  /** How many messages in a row this function has sent to its own queue up to this one. Absent: none. */
  readonly hops?: number | undefined;
}

/** @param repeated whether somebody may have worked on the message before. */
export function forwardRequestOf(message: z.output<typeof forwardMessage>, repeated: boolean): ForwardRequest {
  const { delivery_id: deliveryId, publisher_id: publisher, postback_id: postbackId, conversion_id: conversionId } = message;
  const { attempt, hops, known } = message;
  return { deliveryId, publisher, postbackId, conversionId, attempt, hops, known, repeated };
}

/** A delivery that is about to be attempted. If it has no row in the table yet, `row` is the one that will be written. */
export interface Pending {
  readonly row: Delivery;
  readonly stored: boolean;
  /** Present if it has been read already; otherwise it is read when the request is built. */
  readonly conversion?: Conversion | undefined;
  readonly known?: Known | undefined;
  readonly hops: number;
}

/** How much too early a delayed message may come. */
const earlyMs = 2_000;

/** Finds the delivery in its current state; returns `undefined` when there is nothing to do for this message. */
export async function findPending(
  { outbox, now }: Pick<ForwardDependencies, 'outbox' | 'now'>,
  request: ForwardRequest,
): Promise<Pending | undefined> {
  const { deliveryId, conversionId, known, hops = 0 } = request;
  const first = conversionId !== undefined && request.attempt === 0 && !request.repeated;
  // An older message may have been a dead letter, or have waited so long that the sweeper sent another one.
  if (first && known !== undefined && now() - Date.parse(known.at) < graceMs) return pendingOf(request, conversionId, known);
  const row = await outbox.delivery(deliveryId);
  if (row !== undefined) {
    const open = row.status === 'scheduled' || row.status === 'failing';
    const early = row.next_attempt_at !== undefined && Date.parse(row.next_attempt_at) > now() + earlyMs;
    const stale = request.attempt !== undefined && row.attempts.length !== request.attempt;
    return open && !early && !stale ? { row, stored: true, hops } : undefined;
  }
  const conversion = conversionId === undefined ? undefined : await outbox.conversion(conversionId, deliveryId);
  if (conversion === undefined) return undefined;
  const step = conversion.settlements.findIndex(({ deliveries }) => deliveries.some(({ delivery_id }) => delivery_id === deliveryId));
  const settlement = conversion.settlements[step];
  const announced = settlement?.deliveries.find(({ delivery_id }) => delivery_id === deliveryId);
  const cause = stepsOf(conversion)[step];
  if (settlement === undefined || announced === undefined || cause === undefined) return undefined;
  return {
    row: {
      ...announced,
      publisher_id: conversion.publisher_id,
      conversion_id: conversion.conversion_id,
      step,
      sequence: settlement.sequence,
      log_id: cause.log_id,
      status: 'scheduled',
      attempts: [],
      created_at: settlement.at,
    },
    stored: false,
    conversion,
    hops,
  };
}

/** A delivery that has no row yet, as its message describes it. */
function pendingOf({ deliveryId, publisher, postbackId, hops = 0 }: ForwardRequest, conversionId: string, known: Known): Pending {
  const { step, sequence, log_id, at } = known;
  return {
    row: {
      delivery_id: deliveryId,
      publisher_id: publisher,
      postback_id: postbackId,
      conversion_id: conversionId,
      step,
      sequence,
      log_id,
      status: 'scheduled',
      attempts: [],
      created_at: at,
    },
    stored: false,
    known,
    hops,
  };
}
