interface Bucket {
  tokens: number;
  at: number;
}

const mostBuckets = 10_000;

export interface RateLimiter {
  /** Takes a token from the name's bucket. @returns `false` when it has none left. @param now epoch milliseconds. */
  take(name: string, now: number): boolean;
  /** Returns a token that should not have been taken. */
  giveBack(name: string): void;
}

/**
 * A token bucket per name, in the memory of this instance. It is approximate, as contract 1.9 allows.
 *
 * @param perSecond tokens that are added a second, and the largest burst.
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
