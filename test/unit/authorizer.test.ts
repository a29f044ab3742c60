import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createCache } from '../../functions/adapters/cache.ts';
import type { AdminToken } from '../../functions/adapters/dynamo/token-reader.ts';
import { authorize } from '../../functions/authorizer/authorize.ts';

/** Contract 1.3 and section 4: callers whose right has ended are refused within 60 seconds. The test has a clock of its own. */

beforeEach(() => void jest.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') }));
afterEach(() => void jest.useRealTimers());

function world() {
  const issued: AdminToken = {
    token_hash: 'issued',
    token_id: 'TOKEN-1',
    name: 'CI',
    role: 'viewer',
    status: 'active',
    created_at: '2026-01-01T00:00:00.000Z',
    expires_at: '2026-01-01T01:00:00.000Z',
  };
  const stored = { first: 'first', token: issued };
  const firstTokenHash = createCache(60, async (_id: 'id') => stored.first);
  const dependencies = {
    tokens: { find: async (hash: string) => (hash === stored.token.token_hash ? stored.token : undefined) },
    firstTokenHash: () => firstTokenHash('id'),
    hash: (token: string) => token,
    now: Date.now,
  };
  const roleOf = async (token: string) => (await authorize(dependencies, `Bearer ${token}`))?.role;
  return { stored, roleOf };
}

describe('a token', () => {
  test('that is revoked stops at once', async () => {
    const { stored, roleOf } = world();
    expect(await roleOf('issued')).toBe('viewer');
    stored.token = { ...stored.token, status: 'revoked' };
    expect(await roleOf('issued')).toBeUndefined();
  });

  test('that expires stops then', async () => {
    const { roleOf } = world();
    jest.advanceTimersByTime(3_599_999);
    expect(await roleOf('issued')).toBe('viewer');
    jest.advanceTimersByTime(1);
    expect(await roleOf('issued')).toBeUndefined();
  });

  test('of the deployment stops within 60 seconds after it is replaced, however often it is used meanwhile; then the new one works', async () => {
    const { stored, roleOf } = world();
    expect(await roleOf('first')).toBe('admin');
    stored.first = 'second';
    for (let second = 1; second < 60; second += 1) {
      jest.advanceTimersByTime(1_000);
      expect(await roleOf('first')).toBe('admin');
    }
    jest.advanceTimersByTime(1_000);
    expect(await roleOf('first')).toBeUndefined();
    expect(await roleOf('second')).toBe('admin');
  });
});
