import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';

/**
 * The short form. It uses one seed, so that the result is the same on every machine and day. The long form is `npm run simulate --
 * --conversions 1000000`.
 */
const conversions = Number(process.env['SIMULATED_CONVERSIONS'] ?? 5_000);
const seed = Number(process.env['SEED'] ?? 20_784);
const root = join(import.meta.dirname, '..', '..');

/** These run in processes of their own, whose clocks, timers and randomness the simulation replaces. */
const simulate = (...options: string[]) =>
  promisify(execFile)(process.execPath, ['test/simulation/run.ts', '--seed', String(seed), ...options], { cwd: root, maxBuffer: 2 ** 28 });

describe('simulated partners, publishers and people, while everything goes wrong', () => {
  test('lose nothing that was acknowledged, are paid what the oracle says, once, in time and within caps, and are notified of everything', async () => {
    const { stdout } = await simulate('--conversions', String(conversions));
    expect(stdout).toMatch(/Nothing acknowledged was lost/);
  }, 600_000);

  test('do the same things again for the same seed', async () => {
    const [one, again] = await Promise.all([1, 2].map(() => simulate('--episode', '0', '--clicks', '20', '--trace')));
    const story = ({ stdout = '' } = {}) => stdout.split('\n').filter((line) => /^\d\d:\d\d/.test(line));
    expect(story(one).length).toBeGreaterThan(50);
    expect(story(again)).toEqual(story(one));
  }, 300_000);
});
