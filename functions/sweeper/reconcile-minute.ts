import type { Records } from '../domain/reconcile.ts';
import { findGaps } from '../domain/reconciling/find-gaps.ts';
import type { Gap } from '../domain/reconciling/gap.ts';
import { shardCount, shardOf, shardsOf } from '../domain/shards.ts';

export interface ReconcilingPorts {
  /**
   * Reads everything that the postbacks of a stretch of time led to, for the postbacks in some shards. @param stretch epoch milliseconds,
   * both included.
   */
  read(stretch: { readonly from: number; readonly to: number; readonly shards: readonly string[] }): Promise<Records>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly timeIsUp: () => boolean;
}

export interface Reconciled {
  /** Start of the minute that was compared, ISO 8601. */
  readonly minute: string;
  /** The number of shards that were compared before the time was up. */
  readonly shards: number;
  readonly postbacks: number;
  readonly gaps: number;
  /** How many gaps there are of each kind. Only `npm run reconcile` prints the ids, since some of them name a user. */
  readonly kinds?: string;
}

const minuteMs = 60_000;
/** Work may be unfinished for this long, so the minute that is compared is this much older. */
const graceMs = 15 * minuteMs;
/** Shards that are read at once: few enough that a minute with very many postbacks fits into memory. */
const shardsAtOnce = 4;

/**
 * Compares what the postbacks of one minute led to, a quarter of an hour later: log, conversions, ledger and deliveries (design section 5).
 * Each run compares the next minute, so each minute is compared once.
 *
 * @param scheduled epoch milliseconds of the schedule's minute.
 */
export async function reconcileMinute({ read, now, timeIsUp }: ReconcilingPorts, scheduled: number): Promise<Reconciled> {
  const start = Math.floor(scheduled / minuteMs) * minuteMs - graceMs - minuteMs;
  const waiting = shardsFrom((start / minuteMs) % shardCount);
  // A conversion is read once for each shard that has a postback of it.
  const gaps = new Map<string, Gap>();
  let [shards, postbacks] = [0, 0];
  while (waiting.length > 0 && !timeIsUp()) {
    const part = { from: start, to: start + minuteMs - 1, shards: waiting.splice(0, shardsAtOnce) };
    const found = await findGaps(() => read(part), { now: now(), graceMs, whole: false });
    for (const gap of found.gaps) gaps.set(`${gap.kind} ${gap.about}`, gap);
    shards += part.shards.length;
    postbacks += found.records.log.filter(({ log_id }) => part.shards.includes(shardOf(log_id))).length;
  }
  const kinds = [...Map.groupBy(gaps.values(), ({ kind }) => kind)].map(([kind, some]) => `${some.length} ${kind}`).join(', ');
  return { minute: new Date(start).toISOString(), shards, postbacks, gaps: gaps.size, ...(kinds !== '' && { kinds }) };
}

/**
 * All shards, beginning with another one each minute: when the time is too short for all of them, it is not always the same ones that are
 * left out.
 */
function shardsFrom(first: number): string[] {
  const all = shardsOf();
  return [...all.slice(first), ...all.slice(0, first)];
}
