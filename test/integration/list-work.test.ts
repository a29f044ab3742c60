import { beforeAll, describe, expect, test } from '@jest/globals';
import { CapacityProxy } from '../bench/capacity-proxy.ts';
import { readUnits } from '../bench/consumption.ts';
import { FilledSystem } from '../bench/filled-system.ts';
import type { Amounts } from '../bench/stored-records.ts';

/**
 * How much the store has to do for a page of a list must not depend on how much is stored. This test counts the work; `npm run bench`
 * measures the time.
 */

const few: Amounts = { conversions: 80, logs: 400 };
const many: Amounts = { conversions: 800, logs: 4_000 };
/**
 * Ids are random. How the rows of a page are spread over the shards decides whether one round fills the page, or whether it needs a second
 * one with a few more reads.
 */
const rounds = 3;

interface Work {
  readonly rows: number;
  readonly requests: number;
  readonly units: number;
}

class Counted {
  readonly system: FilledSystem;
  private readonly proxy: CapacityProxy;

  private constructor(system: FilledSystem, proxy: CapacityProxy) {
    this.system = system;
    this.proxy = proxy;
  }

  static async start(amounts: Amounts): Promise<Counted> {
    const proxy = new CapacityProxy();
    return new Counted(await FilledSystem.start(amounts, { intercept: proxy.intercept }), proxy);
  }

  async work(list: string): Promise<Work> {
    this.proxy.take();
    const { rows } = await this.system.time(list);
    const consumed = this.proxy.take();
    return { rows, requests: consumed.dynamodb.length, units: readUnits(consumed) };
  }

  async stop(): Promise<void> {
    await this.system.stack.stop();
    await this.proxy.stop();
  }
}

/** The work for each list, with few records stored and with many. */
const works = new Map<string, readonly [Work, Work]>();
beforeAll(async () => {
  const [small, large] = [await Counted.start(few), await Counted.start(many)];
  try {
    for (const list of Object.keys(small.system.lists)) works.set(list, [await small.work(list), await large.work(list)]);
  } finally {
    await Promise.all([small.stop(), large.stop()]);
  }
}, 120_000);

describe('with ten times as much stored', () => {
  test('a page of every list needs no more work of the store than with little', () => {
    const more = [...works].filter(
      ([, [little, much]]) => much.requests > little.requests * rounds + 2 || much.units > little.units * rounds + 2,
    );
    expect(more).toEqual([]);
  });

  test('a page is as full, and costs a few reads for each row that it shows', () => {
    expect(works.size).toBeGreaterThan(20);
    for (const [list, [little, much]] of works) {
      expect([list, much.rows]).toEqual([list, little.rows]);
      expect([list, much.rows > 0, much.requests < 130, much.units < 100]).toEqual([list, true, true, true]);
    }
  });
});
