import { wakeAt } from '../../domain/forwarding/progress.ts';
import type { Pending } from './pending.ts';
import type { ForwardDependencies } from './ports.ts';
import { postpone, record } from './record.ts';

/** Times are reserved at most so far ahead; a delivery for which none is free tries again later. */
const rateHorizonMs = 60_000;
/** A delivery waits here for its reserved time if that is at most so far away. */
const waitHereMs = 1_000;
/** A reserved time that passed longer ago than this no longer belongs to the delivery. */
const lateMs = 2_000;

/**
 * Waits for the delivery's turn under its postback's rate, or postpones the delivery. Neither uses up an attempt.
 *
 * @returns `false` when it was postponed.
 */
export async function awaitTurn(
  dependencies: ForwardDependencies,
  pending: Pending,
  endpoint: string,
  perSecond: number | undefined,
): Promise<boolean> {
  const { endpoints, now, sleep, random } = dependencies;
  if (perSecond === undefined) return true;
  const own = pending.row.reserved_for;
  const turn =
    own !== undefined && now() - own < lateMs
      ? { at: own, reserved: true }
      : await endpoints.reserve(endpoint, perSecond, now(), rateHorizonMs);
  if (!turn.reserved) {
    await postpone(dependencies, pending, turn.at + random() * rateHorizonMs);
    return false;
  }
  if (turn.at - now() > waitHereMs) {
    const status = pending.row.status;
    await record(dependencies, pending, {
      status,
      ...wakeAt(turn.at, { now: now(), hops: pending.hops }),
      reservedFor: turn.at,
    });
    return false;
  }
  await sleep(Math.max(0, turn.at - now()));
  return true;
}
