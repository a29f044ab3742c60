/** Keeps what all instances of the receiver take from one key near a limit. */
export interface SharedRate {
  /** Whether another request of the key may be taken now. */
  within(key: string, now: number): boolean;
  /** Counts a request that was taken; waits only when it is time to tell the others. */
  share(key: string, now: number): Promise<void>;
}

const windowMs = 10_000;
/** So many requests of a key within a window are told at once; a key with fewer costs nothing. */
const toldAtOnce = 50;
const mostKeys = 10_000;

interface Seen {
  readonly window: number;
  readonly untold: number;
  /** All instances together have taken what the limit allows in this window. */
  readonly over: boolean;
}

/**
 * On Lambda an instance works on one request at a time: it never sees more of a key than some fifty requests a second, so a bucket of
 * its own limits nothing. Instances that see much of a key count together, in one row for each window: a write for fifty requests, beside
 * the work. Approximate, as contract 1.9 allows: what an instance has not told yet is not counted.
 *
 * @param perSecond the most that is taken of one key, averaged over a window.
 * @param add counts for all instances, and answers how many there are in the window so far.
 */
export function createSharedRate(perSecond: number, add: (key: string, window: number, count: number) => Promise<number>): SharedRate {
  const keys = new Map<string, Seen>();
  const seenOf = (key: string, now: number): Seen => {
    const window = Math.floor(now / windowMs);
    const seen = keys.get(key);
    return seen?.window === window ? seen : { window, untold: 0, over: false };
  };
  const keep = (key: string, seen: Seen): void => {
    keys.delete(key);
    keys.set(key, seen);
    const [oldest] = keys.keys();
    if (keys.size > mostKeys && oldest !== undefined) keys.delete(oldest);
  };
  return {
    within: (key, now) => !seenOf(key, now).over,
    async share(key, now) {
      const seen = seenOf(key, now);
      const untold = seen.untold + 1;
      keep(key, { ...seen, untold: untold % toldAtOnce });
      if (untold < toldAtOnce) return;
      const total = await add(key, seen.window, toldAtOnce);
      if (total >= (perSecond * windowMs) / 1_000) keep(key, { ...seenOf(key, now), over: true });
    },
  };
}
