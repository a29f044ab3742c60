/** Limits, approximately, how many requests of one key all instances of the receiver accept together. */
export interface SharedRate {
  /** Whether another request of the key may be accepted now. */
  within(key: string, now: number): boolean;
  /** Counts a request that was accepted; waits only when the count is to be shared with the other instances. */
  share(key: string, now: number): Promise<void>;
}

const windowMs = 10_000;
/** An instance shares its count after every so many requests of a key within a window; a key with fewer requests costs nothing. */
const toldAtOnce = 50;
const mostKeys = 10_000;

interface Seen {
  readonly window: number;
  readonly untold: number;
  /** All instances together have accepted what the limit allows in this window. */
  readonly over: boolean;
}

/**
 * On Lambda an instance handles one request at a time and never sees more than about fifty requests of a key a second, so a bucket of its
 * own limits nothing. Instances that see many requests of a key count together, in one row for each window: one write for fifty requests,
 * beside the work. The limit is approximate, as contract 1.9 allows, because what an instance has not shared yet is not counted.
 *
 * @param perSecond the most requests of one key that are accepted, averaged over a window.
 * @param add adds to the count of all instances, and returns how many requests there are in the window so far.
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
