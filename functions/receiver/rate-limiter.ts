interface Bucket {
  tokens: number;
  at: number;
}

const mostBuckets = 10_000;

export interface RateLimiter {
  /** Takes one of what the name may have. @returns `false`: it has none left. @param now epoch milliseconds. */
  take(name: string, now: number): boolean;
  /** Gives one back that was taken in vain. */
  giveBack(name: string): void;
}

/**
 * A token bucket per name, in this instance's memory: approximate, as contract 1.9 allows.
 *
 * @param perSecond refill, and the largest burst.
 */
export function createRateLimiter(perSecond: number): RateLimiter {
  const buckets = new Map<string, Bucket>();
  return {
    take(name, now) {
      const bucket = buckets.get(name) ?? { tokens: perSecond, at: now };
      const tokens = Math.min(perSecond, bucket.tokens + (Math.max(0, now - bucket.at) / 1_000) * perSecond);
      buckets.delete(name);
      buckets.set(name, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
      const [oldest] = buckets.keys();
      if (buckets.size > mostBuckets && oldest !== undefined) buckets.delete(oldest);
      return tokens >= 1;
    },
    giveBack(name) {
      const bucket = buckets.get(name);
      if (bucket !== undefined) bucket.tokens = Math.min(perSecond, bucket.tokens + 1);
    },
  };
}
