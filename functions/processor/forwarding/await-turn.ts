import { mostHops, wakeAt } from '../../domain/forwarding/progress.ts';
import type { Outbound } from './outbound.ts';
import type { Pending } from './pending.ts';
import type { ForwardDependencies } from './ports.ts';
import { postpone, record } from './record.ts';

/** A rate sets times aside this far ahead; what finds none comes back later. */
const rateHorizonMs = 60_000;
/** A time that was set aside is waited for here when it is this near. */
const waitHereMs = 1_000;
/** One that has passed by more than this is no longer the delivery's own. */
const lateMs = 2_000;

/** Waits for the delivery's turn by its postback's rate, or puts it off. No attempt is spent. */
export async function awaitTurn(dependencies: ForwardDependencies, pending: Pending, { perSecond, endpoint }: Outbound): Promise<boolean> {
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
      ...wakeAt(turn.at, pending.hops < mostHops),
      reservedFor: turn.at,
    });
    return false;
  }
  await sleep(Math.max(0, turn.at - now()));
  return true;
}
