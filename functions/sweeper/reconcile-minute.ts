import type { Records } from '../domain/reconcile.ts';
import { findGaps } from '../domain/reconciling/find-gaps.ts';

export interface ReconcilingPorts {
  /** Everything that the postbacks of a stretch of time led to. @param stretch epoch milliseconds, both included. */
  read(stretch: { readonly from: number; readonly to: number }): Promise<Records>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly timeIsUp: () => boolean;
}

export interface Reconciled {
  /** Start of the minute that was looked at, ISO 8601. */
  readonly minute: string;
  /** How much of it was looked at before the time was up. */
  readonly seconds: number;
  readonly postbacks: number;
  readonly gaps: number;
  /** How many gaps of which kind; the ids are left to `npm run reconcile`, since some name a user. */
  readonly kinds: string | undefined;
}

const minuteMs = 60_000;
/** Work may be unfinished for so long; the minute that is looked at is that much older. */
const graceMs = 15 * minuteMs;
/** Read at once, so that a minute with very many postbacks fits into memory. */
const partMs = 5_000;

/**
 * Compares what the postbacks of one minute led to, a quarter of an hour later: log, conversions, ledger and deliveries
 * (design section 5). Each run looks at the next minute, so each minute is looked at once.
 *
 * @param scheduled epoch milliseconds of the schedule's minute.
 */
export async function reconcileMinute({ read, now, timeIsUp }: ReconcilingPorts, scheduled: number): Promise<Reconciled> {
  const start = Math.floor(scheduled / minuteMs) * minuteMs - graceMs - minuteMs;
  const kinds = new Map<string, number>();
  let [seconds, postbacks, gaps] = [0, 0, 0];
  for (let from = start; from < start + minuteMs && !timeIsUp(); from += partMs) {
    const part = { from, to: from + partMs - 1 };
    const found = await findGaps(() => read(part), { now: now(), graceMs, whole: false });
    for (const { kind } of found.gaps) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    seconds += partMs / 1_000;
    postbacks += found.records.log.length;
    gaps += found.gaps.length;
  }
  const counted = [...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
  return { minute: new Date(start).toISOString(), seconds, postbacks, gaps, kinds: gaps === 0 ? undefined : counted };
}
