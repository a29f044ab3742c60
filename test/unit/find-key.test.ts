import { describe, expect, test } from '@jest/globals';
import { networkOf } from '../../functions/adapters/addresses.ts';
import type { PostbackKey } from '../../functions/domain/keys.ts';
import { createKeyFinder } from '../../functions/receiver/find-key.ts';
import { createRateLimiter } from '../../functions/receiver/rate-limiter.ts';

/** Contract 1.9: unknown keys are limited before the store is asked. */

const keyNumber = (number: number) => `key${String(number).padStart(29, '0')}`;
const live: PostbackKey = {
  key_hash: keyNumber(0),
  key_id: 'KEY-1',
  partner_id: 'acme' as PostbackKey['partner_id'],
  label: 'production',
  prefix: 'key000',
  status: 'active',
  created_at: '2026-01-01T00:00:00.000Z',
};

function world(perSecond = 20) {
  const stored = new Map([[live.key_hash, live]]);
  const asked: string[] = [];
  const ports = { hashKey: String, tries: createRateLimiter(perSecond), networkOf };
  const find = createKeyFinder({
    ...ports,
    keys: {
      find: async (hash) => {
        asked.push(hash);
        await Promise.resolve();
        return stored.get(hash);
      },
    },
  });
  return { find, asked, stored };
}

describe('an IP address that guesses keys', () => {
  test('has 20 tries, and the store is not read more often than that for 1,000', async () => {
    const { find, asked } = world();
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, number) => find(keyNumber(number + 1), '203.0.113.1', 0)));
    expect([answers.filter((answer) => answer === 'unknown').length, asked.length]).toEqual([20, 20]);
  });

  test('shares its tries with all IP addresses of its /64, and with no others', async () => {
    const { find } = world(1);
    const answers = [];
    for (const [number, address] of [
      '2001:db8:1:2::1',
      '2001:db8:1:2:ffff::9',
      '2001:db8:1:3::1',
      '::ffff:203.0.113.9',
      '203.0.113.9',
    ].entries())
      answers.push(await find(keyNumber(number + 1), address, 0));
    expect(answers).toEqual(['unknown', 'too_many', 'unknown', 'unknown', 'too_many']);
  });

  test('uses up a try with each request, even with one key many times at once', async () => {
    const { find, asked } = world(3);
    const answers = await Promise.all(Array.from({ length: 10 }, () => find(keyNumber(1), '203.0.113.1', 0)));
    expect([answers.filter((answer) => answer === 'unknown').length, asked.length]).toEqual([3, 1]);
  });

  test('has tries again after a while', async () => {
    const { find } = world(1);
    expect([await find('short', 'a', 0), await find('short', 'a', 500), await find('short', 'a', 1_600)]).toEqual([
      'unknown',
      'too_many',
      'unknown',
    ]);
  });
});

describe('a live key', () => {
  test('is never limited by it, however many postbacks come at once and however few tries there are', async () => {
    const { find, asked } = world(1);
    const answers = await Promise.all(Array.from({ length: 500 }, () => find(live.key_hash, '203.0.113.1', 0)));
    expect(answers.every((answer) => answer === live)).toBe(true);
    expect(asked).toHaveLength(1);
    expect(await find(live.key_hash, '203.0.113.1', 0)).toBe(live);
  });

  test('that has been seen works although its IP address has no tries left', async () => {
    const { find } = world(2);
    await find(live.key_hash, '203.0.113.1', 0);
    for (const number of [1, 2]) await find(keyNumber(number), '203.0.113.1', 0);
    expect(await find(keyNumber(3), '203.0.113.1', 0)).toBe('too_many');
    expect(await find(live.key_hash, '203.0.113.1', 0)).toBe(live);
  });

  test('that was revoked is unknown from then on', async () => {
    const { find, stored } = world();
    await find(live.key_hash, 'a', 0);
    stored.set(live.key_hash, { ...live, status: 'revoked' });
    expect(await find(live.key_hash, 'a', 0)).toBe('unknown');
  });
});
