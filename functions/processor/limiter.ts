/** Bounds how many attempts to one publisher are under way here, so that one that hangs cannot take every place. */
export interface Limiter {
  /** Waits a moment for a place; `undefined`: there is none. The caller says how the attempt ended. */
  enter(publisher: string): Promise<((succeeded: boolean) => void) | undefined>;
}

interface Lane {
  open: number;
  limit: number;
  /** Epoch milliseconds of its last success, or of its first attempt after a rest. */
  movedAt: number;
  readonly waiting: (() => void)[];
}

/** A publisher nobody knows yet may have this many; each success gives one more, each failure halves it. */
const firstLimit = 6;
const leastLimit = 2;
const mostLimit = 200;
/** A lane in which nothing has succeeded for so long may hang, and is not waited for. */
const stuckAfterMs = 300;

export function createLimiter(patienceMs: number, now: () => number): Limiter {
  const lanes = new Map<string, Lane>();

  return {
    async enter(publisher) {
      const lane = lanes.get(publisher) ?? { open: 0, limit: firstLimit, movedAt: now(), waiting: [] };
      lanes.set(publisher, lane);
      if (lane.open < lane.limit) lane.open += 1;
      // Waiting for one that hangs would keep the others waiting: theirs are the places that this one would hold.
      else if (now() - lane.movedAt > stuckAfterMs || !(await placeFreed(lane, patienceMs))) return undefined;
      return (succeeded) => {
        lane.open -= 1;
        if (succeeded) lane.movedAt = now();
        lane.limit = succeeded ? Math.min(mostLimit, lane.limit + 1) : Math.max(leastLimit, Math.floor(lane.limit / 2));
        while (lane.open < lane.limit && lane.waiting.length > 0) {
          lane.open += 1;
          lane.waiting.shift()?.();
        }
        if (lane.open === 0) lanes.delete(publisher);
      };
    },
  };
}

/** Waits until a place is handed over. */
function placeFreed(lane: Lane, patienceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const freed = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    const timer = setTimeout(() => {
      lane.waiting.splice(lane.waiting.indexOf(freed), 1);
      resolve(false);
    }, patienceMs);
    lane.waiting.push(freed);
  });
}
