import type { DueWork, Endpoints, HeldDeliveries, ReleaseHints, SweepHints } from '../domain/forwarding/ports.ts';
import { releaseHeld } from '../domain/forwarding/release-held.ts';
import { announcedDeliveries, openWork } from '../domain/recovery/open-work.ts';
import type { DueReleases, Minutes, Slice } from '../domain/recovery/ports.ts';
import type { DeliveryHints } from '../domain/settling/ports.ts';
import { shardsOf } from '../domain/shards.ts';

export interface SweeperDependencies {
  readonly minutes: Minutes;
  readonly due: DueWork;
  readonly waiting: DueReleases;
  readonly hints: SweepHints & ReleaseHints & DeliveryHints;
  readonly held: HeldDeliveries;
  readonly endpoints: Pick<Endpoints, 'health'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Whether to stop before the function's own time is over. The next run finds what is left. */
  readonly timeIsUp: () => boolean;
}

export interface Swept {
  conversions: number;
  deliveries: number;
  released: number;
}

const minuteMs = 60_000;
/** How long after its end a minute is looked at: by then everything that arrived in it has been written. */
const graceMs = 60_000;
/** When work that was put back on its queue is looked at again, in case its message is lost too. */
const againMs = 300_000;
/** How far back the first run of all looks. */
const firstMs = 30 * minuteMs;
const slicesAtOnce = 8;

/**
 * Puts everything that is stuck or due back on its queue: work that the postbacks of each minute have not led to yet, deliveries whose next
 * attempt is due, and conversions whose hold period is over (design decisions 1 and 4). Repeating it is harmless: the queues carry hints,
 * and the tables decide.
 */
export async function sweep(dependencies: SweeperDependencies): Promise<Swept> {
  const { due, waiting, hints, held, endpoints, now, timeIsUp } = dependencies;
  const swept: Swept = { conversions: 0, deliveries: 0, released: 0 };
  // None of these waits for another or fails because of another.
  const settling = closeMinutes(dependencies, swept);
  const forwarding = due.deliveries(now(), async (rows) => {
    const deliveries = rows.filter(({ release }) => release === undefined);
    await hints.deliveries(deliveries);
    swept.deliveries += deliveries.length;
    // What is released while its endpoint is paused again would only be held again. A later run looks again.
    for (const { publisher, release } of rows)
      if (release !== undefined && (await endpoints.health(release)).paused === undefined)
        swept.released += await releaseHeld(held, hints, publisher, release, now(), true);
    return !timeIsUp();
  });
  const releasing = waiting.conversions(now(), async (ids) => {
    await hints.conversions(ids);
    swept.conversions += ids.length;
    return !timeIsUp();
  });
  const reasons = (await Promise.allSettled([settling, forwarding, releasing])).flatMap((done) =>
    done.status === 'rejected' ? [done.reason] : [],
  );
  if (reasons.length > 0) throw new AggregateError(reasons, `not everything that is due is on its queue: ${String(reasons[0])}`);
  return swept;
}

/** Looks at the minutes that are over, and again at those that earlier runs left open. */
async function closeMinutes(dependencies: SweeperDependencies, swept: Swept): Promise<void> {
  const { minutes, now, timeIsUp } = dependencies;
  const failures: unknown[] = [];
  await lookAt(dependencies, await minutes.open(now()), swept, failures);
  const end = Math.floor((now() - graceMs) / minuteMs) * minuteMs;
  const first = (await minutes.next()) ?? end - firstMs;
  for (let minute = first; minute < end && !timeIsUp(); minute += minuteMs) {
    // After a standstill: minutes in which nothing arrived are skipped.
    if (minute + minuteMs < end) minute = Math.min((await minutes.received(minute)) ?? end - minuteMs, end - minuteMs);
    const slices = shardsOf().map((shard): Slice => ({ minute, shard }));
    if (!(await lookAt(dependencies, slices, swept, failures))) break;
    await minutes.advance(minute + minuteMs);
  }
  if (failures.length > 0) throw new AggregateError(failures, String(failures[0]));
}

/** @returns `false` when the time was up before all slices were looked at. */
async function lookAt(dependencies: SweeperDependencies, slices: readonly Slice[], swept: Swept, failures: unknown[]): Promise<boolean> {
  const waiting = [...slices];
  const lane = async (): Promise<void> => {
    while (!dependencies.timeIsUp()) {
      const slice = waiting.shift();
      if (slice === undefined) return;
      try {
        await look(dependencies, slice, swept);
      } catch (error) {
        failures.push(error);
        // A slice that cannot be read, or whose messages could not be sent, does not stop the others: the next run looks at it again.
        await dependencies.minutes.leaveOpen(slice, dependencies.now(), { unsettledSince: new Date(slice.minute).toISOString() });
      }
    }
  };
  await Promise.all(Array.from({ length: slicesAtOnce }, lane));
  return waiting.length === 0;
}

async function look({ minutes, hints, now }: SweeperDependencies, slice: Slice, swept: Swept): Promise<void> {
  const conversions = await minutes.conversions(slice);
  const delivered = await minutes.delivered(announcedDeliveries(conversions, now()));
  const open = openWork(conversions, delivered, now());
  if (open.settle.length === 0 && open.deliver.length === 0) return minutes.close(slice);
  // Marks the slice open before it sends: if the messages cannot be sent, the slice is looked at again.
  await minutes.leaveOpen(slice, now() + againMs, open);
  await hints.conversions(open.settle);
  await hints.send(open.deliver);
  swept.conversions += open.settle.length;
  swept.deliveries += open.deliver.length;
}
