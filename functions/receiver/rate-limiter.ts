interface Bucket {
  tokens: number;
  at: number;
}

const mostBuckets = 10_000;

/**
 * A token bucket per name, in this instance's memory: approximate, as contract 1.9 allows.
 *
 * @param perSecond refill, and the largest burst.
 */
export function createRateLimiter(perSecond: number): (name: string, now: number) => boolean {
  const buckets = new Map<string, Bucket>();
  return (name, now) => {
    const bucket = buckets.get(name) ?? { tokens: perSecond, at: now };
    const tokens = Math.min(perSecond, bucket.tokens + (Math.max(0, now - bucket.at) / 1_000) * perSecond);
    buckets.delete(name);
    buckets.set(name, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    const [oldest] = buckets.keys();
    if (buckets.size > mostBuckets && oldest !== undefined) buckets.delete(oldest);
    return tokens >= 1;
  };
}
