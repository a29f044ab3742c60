import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { retryAfterDelay } from '../../../functions/domain/delivery/retry-after.ts';
import { mostAttempts, nextAttempt, retryDelays } from '../../../functions/domain/delivery/schedule.ts';
import { anyCodePoints } from '../../support/any-code-points.ts';

const now = Date.UTC(2026, 10, 24, 5, 0, 0);
const second = 1000;
const hour = 3_600_000;
const delay = (attempt: number, retryAfter?: string, jitter = 0): number => {
  const next = nextAttempt({ attempt, now, retryAfter, jitter });
  return next === 'dead' ? Number.POSITIVE_INFINITY : next.at - now;
};

describe('the schedule', () => {
  test('waits 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, then gives up', () => {
    expect(retryDelays.map((_delay, index) => delay(index + 1) / second)).toEqual([
      5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]);
    expect(mostAttempts).toBe(10);
    expect(nextAttempt({ attempt: 10, now, jitter: 0 })).toBe('dead');
    expect(nextAttempt({ attempt: 10, now, jitter: 0, retryAfter: '60' })).toBe('dead');
    expect(nextAttempt({ attempt: 99, now, jitter: 0 })).toBe('dead');
  });

  test('jitter adds up to a tenth and takes nothing away', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, jitter) => {
        const step = retryDelays[attempt - 1] ?? 0;
        expect(delay(attempt, undefined, jitter)).toBeGreaterThanOrEqual(step);
        expect(delay(attempt, undefined, jitter)).toBeLessThanOrEqual(step * 1.1 + 1);
      }),
    );
    expect(delay(1, undefined, 0.999)).toBeLessThanOrEqual(5500);
  });

  test('each wait is longer than the one before, whatever the jitter', () => {
    const jitter = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), jitter, jitter, (attempt, one, other) => {
        expect(delay(attempt + 1, undefined, other)).toBeGreaterThan(delay(attempt, undefined, one));
      }),
    );
  });

  test('any Retry-After stays between the step and 24 hours', () => {
    const header = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.bigInt().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        header,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, retryAfter, jitter) => {
          const step = delay(attempt, undefined, jitter);
          expect(Number.isInteger(delay(attempt, retryAfter, jitter))).toBe(true);
          expect(delay(attempt, retryAfter, jitter)).toBeGreaterThanOrEqual(step);
          expect(delay(attempt, retryAfter, jitter)).toBeLessThanOrEqual(Math.max(step, 24 * hour));
        },
      ),
      { numRuns: 500 },
    );
  });
});

test.each<[string, string, number]>([
  ['seconds', '120', 120 * second],
  ['seconds, less than the step', '1', 5 * second],
  ['seconds, zero', '0', 5 * second],
  ['seconds, padded', ' 60 ', 60 * second],
  ['seconds, ten years', '315360000', 24 * hour],
  ['seconds, absurd', '9'.repeat(400), 24 * hour],
  ['negative', '-5', 5 * second],
  ['a fraction', '60.5', 5 * second],
  ['a date', 'Tue, 24 Nov 2026 06:00:00 GMT', hour],
  ['a date, past', 'Mon, 23 Nov 2026 06:00:00 GMT', 5 * second],
  ['a date, ten years on', 'Mon, 24 Nov 2036 06:00:00 GMT', 24 * hour],
  ['an RFC 850 date', 'Tuesday, 24-Nov-26 06:00:00 GMT', hour],
  ['an asctime date', 'Tue Nov 24 06:00:00 2026', hour],
  ['an impossible date', 'Tue, 99 Nov 2026 06:00:00 GMT', 5 * second],
  ['an ISO date', '2026-11-24T06:00:00Z', 5 * second],
  ['a number that is nearly one', '1e9', 5 * second],
  ['nothing', '', 5 * second],
  ['garbage', 'soon', 5 * second],
])('Retry-After: %s', (_what, header, expected) => {
  expect(delay(1, header)).toBe(expected);
});

test('Retry-After never shortens a later step', () => {
  expect(delay(4, '60')).toBe(2 * hour);
  expect(delay(9, '60', 0.5)).toBe(24 * hour * 1.05);
});

test('Retry-After is spread by jitter, and never comes early', () => {
  expect(delay(1, '100', 0.5)).toBe(105 * second);
});

test('reading Retry-After never throws', () => {
  fc.assert(fc.property(anyCodePoints(), (header) => typeof retryAfterDelay(header, now) !== 'string'));
});
