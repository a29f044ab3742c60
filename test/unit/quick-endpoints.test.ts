import { describe, expect, test } from '@jest/globals';
import { createQuickEndpoints } from '../../functions/processor/quick-endpoints.ts';

describe('an endpoint', () => {
  test('is quick after it has taken a delivery within a second, for a minute, and for one attempt', () => {
    let now = 0;
    const endpoints = createQuickEndpoints(() => now);
    expect(endpoints.take('p')).toBe(false);
    endpoints.note('p', 1_000);
    expect(endpoints.take('q')).toBe(false);
    now = 59_999;
    expect(endpoints.take('p')).toBe(true);
    expect(endpoints.take('p')).toBe(false);
    endpoints.note('p', 10);
    now += 60_000;
    expect(endpoints.take('p')).toBe(false);
  });

  test.each([
    ['slow', 1_001],
    ['failed', undefined],
  ])('is not quick when the newest attempt was %s, although the one before was quick', (_, milliseconds) => {
    const endpoints = createQuickEndpoints(() => 0);
    endpoints.note('p', 10);
    endpoints.note('p', milliseconds);
    expect(endpoints.take('p')).toBe(false);
  });

  test('is forgotten when very many others were quick later', () => {
    const endpoints = createQuickEndpoints(() => 0);
    for (let index = 0; index <= 10_000; index += 1) endpoints.note(`p${index}`, 10);
    expect([endpoints.take('p0'), endpoints.take('p1'), endpoints.take('p10000')]).toEqual([false, true, true]);
  });
});
