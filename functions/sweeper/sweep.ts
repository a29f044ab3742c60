import type { DueWork, HeldDeliveries, ReleaseHints, SweepHints } from '../domain/forwarding/ports.ts';
import { releaseHeld } from '../domain/forwarding/release-held.ts';

export interface SweeperDependencies {
  readonly due: DueWork;
  readonly hints: SweepHints & ReleaseHints;
  readonly held: HeldDeliveries;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Stops before the function's own time is over; what is left is found at the next run. */
  readonly timeIsUp: () => boolean;
}

export interface Swept {
  conversions: number;
  deliveries: number;
  released: number;
}

/**
 * Puts back on its queue what is stuck or due: conversions that were recorded and not settled or forwarded, deliveries whose next
 * attempt has come (design decisions 1 and 4). Repeating it is harmless: the queues carry hints, the tables decide.
 */
export async function sweep({ due, hints, held, now, timeIsUp }: SweeperDependencies): Promise<Swept> {
  const swept: Swept = { conversions: 0, deliveries: 0, released: 0 };
  // Neither waits for the other, nor suffers from it.
  const settling = due.conversions(now(), async (ids) => {
    await hints.conversions(ids);
    swept.conversions += ids.length;
    return !timeIsUp();
  });
  const forwarding = due.deliveries(now(), async (rows) => {
    const deliveries = rows.filter(({ release }) => release === undefined);
    await hints.deliveries(deliveries);
    swept.deliveries += deliveries.length;
    for (const { publisher, release } of rows)
      if (release !== undefined) swept.released += await releaseHeld(held, hints, publisher, release, now(), true);
    return !timeIsUp();
  });
  const reasons = (await Promise.allSettled([settling, forwarding])).flatMap((done) => (done.status === 'rejected' ? [done.reason] : []));
  if (reasons.length > 0) throw new AggregateError(reasons, `not everything that is due is on its queue: ${String(reasons[0])}`);
  return swept;
}
