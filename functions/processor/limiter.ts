/** Limits how many attempts at one endpoint run at the same time in this instance, so that one that hangs cannot take every place. */
export interface Limiter {
  /**
   * Waits a moment for a place; returns `undefined` when there is none. After the attempt the caller calls the returned function, and says
   * whether the attempt succeeded.
   */
  enter(publisher: string): Promise<((succeeded: boolean) => void) | undefined>;
}

interface Lane {
  open: number;
  limit: number;
  /** Epoch milliseconds of its last success, or of its first attempt after a rest. */
  movedAt: number;
  readonly waiting: (() => void)[];
}

/** The places of an endpoint of which nothing is known yet; each success adds one, and each failure halves their number. */
const firstLimit = 6;
const leastLimit = 2;
const mostLimit = 200;
/** Nobody waits for a lane in which nothing has succeeded for so long, because its endpoint may hang. */
const stuckAfterMs = 300;

export function createLimiter(patienceMs: number, now: () => number): Limiter {
  const lanes = new Map<string, Lane>();

  return {
    async enter(publisher) {
      const lane = lanes.get(publisher) ?? { open: 0, limit: firstLimit, movedAt: now(), waiting: [] };
      lanes.set(publisher, lane);
      if (lane.open < lane.limit) lane.open += 1;
      // If one delivery waited for an endpoint that hangs, its whole batch would wait, and with it the deliveries to other endpoints.
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

/** Waits until another attempt hands its place over; `false` when none did in time. */
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
