import type { PublisherId } from '../ids.ts';
import type { HeldDeliveries, ReleaseHints } from './ports.ts';

/** Held deliveries per second that a resumed publisher gets. */
const perSecond = 20;
const mostAtOnce = 500;
/** How much later a delivery may appear that was just being held while its publisher was resumed. */
const lingerMs = 120_000;

/**
 * Releases some of the held deliveries of a resumed endpoint, at a limited rate (contract section 3). Repeating it is harmless.
 *
 * @param now epoch milliseconds.
 * @param last the previous run found nothing; if this one finds nothing either, the release ends.
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
  // Writes the next run first: if this one stops half-way, the next one continues.
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
