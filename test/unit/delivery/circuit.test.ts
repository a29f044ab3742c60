import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  admit,
  type EndpointHealth,
  healthy,
  pause,
  recordOutcome,
  recordSlow,
  resume,
  retire,
  spreadAfter,
  startProbe,
} from '../../../functions/domain/delivery/circuit.ts';
import type { Outcome } from '../../../functions/domain/delivery/outcome.ts';

const start = 1_800_000_000_000;
const second = 1000;
const day = 86_400_000;
const failed: Outcome = { kind: 'failed' };
const delivered: Outcome = { kind: 'delivered' };
const gone: Outcome = { kind: 'gone' };
const fail = (health: EndpointHealth, at: number, wasSlow = false) => recordOutcome(health, failed, at, { wasSlow });
const succeed = (health: EndpointHealth, at: number) => recordOutcome(health, delivered, at, { wasSlow: false });
const failTimes = (times: number, at = start) =>
  Array.from({ length: times }).reduce<EndpointHealth>((health) => fail(health, at), healthy);

test('nothing is sent to an endpoint that was removed while an instance may still know it, and nothing is held for it', () => {
  const retired = retire(start);
  expect(admit(retired, start - 1)).toEqual({ kind: 'postpone', until: start });
  // Then its delivery finds no URL.
  expect(admit(retired, start)).toEqual({ kind: 'probe' });
});

describe('the circuit', () => {
  test('four failures change nothing', () => {
    expect(admit(failTimes(4), start)).toEqual({ kind: 'send' });
  });

  test('the fifth opens it for 30 s', () => {
    const open = failTimes(5);
    expect(admit(open, start)).toEqual({ kind: 'postpone', until: start + 30 * second });
    expect(admit(open, start + 30 * second - 1)).toEqual({ kind: 'postpone', until: start + 30 * second });
    expect(admit(open, start + 30 * second)).toEqual({ kind: 'probe' });
  });

  test('what waited for it does not come back at once, however long it was open', () => {
    const perSecond = 20;
    for (const open of [30, 90, 300, 1_800]) {
      const until = start + open * second;
      const looked = Array.from({ length: open * perSecond }, (_, index) => {
        // A low-discrepancy sequence, so that the test does not depend on chance.
        const random = (index * 0.6180339887) % 1;
        return Math.floor((spreadAfter(until, start + (index / perSecond) * second, random) - until) / second);
      });
      const bySecond = [...Map.groupBy(looked, (when) => when).values()].map(({ length }) => length);
      expect(Math.max(...bySecond)).toBeLessThanOrEqual(perSecond * (4 + open / 300));
      expect(Math.max(...looked)).toBeLessThan(Math.min(Math.max(open, 30), 300));
    }
  });

  test('a success in between starts the count again', () => {
    const health = fail(succeed(failTimes(4), start), start);
    expect(health).toMatchObject({ consecutive_failures: 1 });
  });

  test('one probe at a time is sent, and given up when it has no result', () => {
    const at = start + 31 * second;
    const probing = startProbe(failTimes(5), at);
    expect(admit(probing, at)).toEqual({ kind: 'postpone', until: at + 15 * second });
    expect(admit(probing, at + 15 * second)).toEqual({ kind: 'probe' });
  });

  test('a probe that succeeds closes it', () => {
    const at = start + 31 * second;
    expect(succeed(startProbe(failTimes(5), at), at)).toEqual(healthy);
  });

  test('each probe that fails doubles the time, up to 5 min', () => {
    const opened: number[] = [];
    let health = failTimes(5);
    for (let probe = 0; probe < 6; probe++) {
      const at = health.open_until ?? 0;
      health = fail(startProbe(health, at), at);
      opened.push(((health.open_until ?? 0) - at) / second);
      expect(admit(health, at)).toMatchObject({ kind: 'postpone' });
    }
    expect(opened).toEqual([60, 120, 240, 300, 300, 300]);
  });

  test('attempts that were running when it opened do not extend it', () => {
    const open = failTimes(5);
    expect(fail(open, start + 9 * second).open_until).toBe(open.open_until);
    expect(fail(open, start + 9 * second).consecutive_failures).toBe(6);
  });

  test('five that hang open it before they end, and each counts once', () => {
    let health = healthy;
    for (let hanging = 0; hanging < 5; hanging++) health = recordSlow(health, start + 3 * second);
    expect(admit(health, start + 3 * second)).toEqual({ kind: 'postpone', until: start + 33 * second });
    const ended = fail(health, start + 10 * second, true);
    expect(ended).toMatchObject({ consecutive_failures: 5, failing_since: start + 10 * second, open_until: start + 33 * second });
  });

  test('a slow probe that fails doubles the time once', () => {
    const at = start + 30 * second;
    const slow = recordSlow(startProbe(failTimes(5), at), at + 3 * second);
    expect(slow.open_until).toBe(at + 63 * second);
    expect(fail(slow, at + 10 * second, true).open_until).toBe(at + 63 * second);
  });

  test('a slow attempt that is answered in the end is a success', () => {
    expect(succeed(recordSlow(failTimes(4), start), start + 4 * second)).toEqual(healthy);
  });
});

describe('pausing', () => {
  test('happens at once after a 410', () => {
    const health = recordOutcome(healthy, gone, start, { wasSlow: false });
    expect(health.paused).toEqual({ at: start, reason: 'gone' });
    expect(admit(health, start)).toEqual({ kind: 'hold', reason: 'gone' });
  });

  test('happens after more than five days with only failures', () => {
    const health = fail(healthy, start);
    expect(fail(health, start + 5 * day).paused).toBeUndefined();
    expect(fail(health, start + 5 * day + 1).paused).toEqual({ at: start + 5 * day + 1, reason: 'failing' });
  });

  test('waits for another five days after a success', () => {
    const health = fail(succeed(fail(healthy, start), start + 4 * day), start + 4 * day + 1);
    expect(fail(health, start + 6 * day).paused).toBeUndefined();
  });

  test('never happens by time alone', () => {
    expect(admit(fail(healthy, start), start + 30 * day)).toEqual({ kind: 'send' });
  });

  test('is not undone by a success that was under way, keeps its first reason, and is forgotten by resuming', () => {
    const paused = pause(failTimes(5), start, 'manual');
    expect(admit(succeed(paused, start + 1), start + 1)).toEqual({ kind: 'hold', reason: 'manual' });
    expect(recordOutcome(paused, gone, start + 1, { wasSlow: false }).paused).toEqual({ at: start, reason: 'manual' });
    expect(admit(resume(), start)).toEqual({ kind: 'send' });
  });
});

test('whatever happens, an open circuit is probed within 5 min, and a success closes it', () => {
  const step = fc.record({
    outcome: fc.constantFrom('failed', 'slow', 'delivered', 'probe'),
    wait: fc.integer({ min: 0, max: 400 * second }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let health: EndpointHealth = healthy;
      let now = start;
      for (const { outcome, wait } of steps) {
        now += wait;
        if (outcome === 'failed') health = fail(health, now);
        if (outcome === 'slow') health = recordSlow(health, now);
        if (outcome === 'delivered') health = succeed(health, now);
        if (outcome === 'probe' && admit(health, now).kind === 'probe') health = startProbe(health, now);
        const admission = admit(health, now);
        if (admission.kind === 'postpone') expect(admission.until - now).toBeLessThanOrEqual(300 * second);
        if (outcome === 'delivered') expect(admission.kind).toBe('send');
      }
    }),
  );
});
