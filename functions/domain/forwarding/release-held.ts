import type { PublisherId } from '../ids.ts';
import type { HeldDeliveries, ReleaseHints } from './ports.ts';

/** Deliveries per second that a resumed publisher gets of what was held for it. */
const perSecond = 20;
const mostAtOnce = 500;
/** A delivery that was being held while its publisher was resumed turns up this much later. */
const lingerMs = 120_000;

/**
 * Lets a part of the held deliveries of a resumed endpoint of a publisher go, at a bounded rate (contract section 3). Repeating it is harmless.
 *
 * @param now epoch milliseconds.
 * @param last the release has found nothing before: it ends when it finds nothing again.
 * @returns how many were released.
 */
export async function releaseHeld(
  held: HeldDeliveries,
  hints: ReleaseHints,
  publisher: PublisherId,
  endpoint: string,
  now: number,
  last: boolean,
): Promise<number> {
  const ids = await held.held(endpoint, mostAtOnce);
  // The job first: if this run stops half-way, the next one goes on.
  await held.continueAt(
    endpoint,
    ids.length > 0 || !last ? now + (ids.length === mostAtOnce ? (mostAtOnce / perSecond) * 1_000 : lingerMs) : undefined,
  );
  const [, postbackId] = endpoint.split('#');
  const released = ids.map((deliveryId, index) => ({ deliveryId, publisher, postbackId, delaySeconds: Math.floor(index / perSecond) }));
  await Promise.all(released.map(({ deliveryId, delaySeconds }) => held.schedule(deliveryId, now + delaySeconds * 1_000)));
  await hints.release(released);
  return released.length;
}
