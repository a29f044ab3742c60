import { expect, test } from '@jest/globals';
import { createRateLimiter } from '../../../functions/receiver/rate-limiter.ts';
import { createSharedRate } from '../../../functions/receiver/shared-rate.ts';

const limit = 1_000;
/** The requests that one instance serves in a second, one after the other. */
const servedByOne = 50;

/**
 * Sends requests of one key to instances in turn for a minute of virtual time.
 *
 * @returns how many were accepted a second, and the writes.
 */
async function aMinute(perSecond: number, instances: number) {
  const counts = new Map<number, number>();
  let writes = 0;
  const add = async (_: string, window: number, count: number) => {
    writes += 1;
    counts.set(window, (counts.get(window) ?? 0) + count);
    return counts.get(window) ?? 0;
  };
  const fleet = Array.from({ length: instances }, () => ({ own: createRateLimiter(limit), shared: createSharedRate(limit, add) }));
  let [taken, takenByOwn] = [0, 0];
  for (let request = 0; request < perSecond * 60; request += 1) {
    const now = (request / perSecond) * 1_000;
    const instance = fleet[request % instances];
    if (instance === undefined) continue;
    if (instance.own.take('key', now)) takenByOwn += 1;
    if (!instance.shared.within('key', now)) continue;
    taken += 1;
    await instance.shared.share('key', now);
  }
  return { taken: taken / 60, takenByOwn: takenByOwn / 60, writesPerRequest: writes / (perSecond * 60) };
}

test.each([2_000, 5_000])(
  'of %d requests a second with one key, over as many instances as it takes, not much more than the limit is taken',
  async (perSecond) => {
    const { taken, takenByOwn, writesPerRequest } = await aMinute(perSecond, perSecond / servedByOne);
    expect(taken).toBeGreaterThan(0.9 * limit);
    expect(taken).toBeLessThan(1.6 * limit);
    // The bucket of each instance alone lets everything through.
    expect(takenByOwn).toBe(perSecond);
    expect(writesPerRequest).toBeLessThanOrEqual(0.02);
  },
);

test('a key within its limit is never refused', async () => {
  expect((await aMinute(900, 18)).taken).toBe(900);
});

test('a key with little traffic costs no write', async () => {
  expect(await aMinute(4, 1)).toEqual({ taken: 4, takenByOwn: 4, writesPerRequest: 0 });
});
