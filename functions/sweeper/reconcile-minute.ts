import type { Records } from '../domain/reconcile.ts';
import { findGaps } from '../domain/reconciling/find-gaps.ts';
import type { Gap } from '../domain/reconciling/gap.ts';
import { shardCount, shardOf, shardsOf } from '../domain/shards.ts';

export interface ReconcilingPorts {
  /** Everything that the postbacks of a stretch of time led to, of those in some shards. @param stretch epoch milliseconds, both included. */
  read(stretch: { readonly from: number; readonly to: number; readonly shards: readonly string[] }): Promise<Records>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly timeIsUp: () => boolean;
}

export interface Reconciled {
  /** Start of the minute that was looked at, ISO 8601. */
  readonly minute: string;
  /** In how many of the shards it was looked at before the time was up. */
  readonly shards: number;
  readonly postbacks: number;
  readonly gaps: number;
  /** How many gaps of which kind; the ids are left to `npm run reconcile`, since some name a user. */
  readonly kinds?: string;
}

const minuteMs = 60_000;
/** Work may be unfinished for so long; the minute that is looked at is that much older. */
const graceMs = 15 * minuteMs;
/** Shards read at once, so that a minute with very many postbacks fits into memory. */
const shardsAtOnce = 4;

/**
 * Compares what the postbacks of one minute led to, a quarter of an hour later: log, conversions, ledger and deliveries
 * (design section 5). Each run looks at the next minute, so each minute is looked at once.
 *
 * @param scheduled epoch milliseconds of the schedule's minute.
 */
export async function reconcileMinute({ read, now, timeIsUp }: ReconcilingPorts, scheduled: number): Promise<Reconciled> {
  const start = Math.floor(scheduled / minuteMs) * minuteMs - graceMs - minuteMs;
  const waiting = shardsFrom((start / minuteMs) % shardCount);
  // A conversion is met once for each shard that has a postback of it.
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

/** Each minute begins with another shard: when there is no time for all of them, it is not always the same that are left out. */
function shardsFrom(first: number): string[] {
  const all = shardsOf();
  return [...all.slice(first), ...all.slice(0, first)];
}
