import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Conversion } from '../../../functions/domain/conversion.ts';
import { healthy } from '../../../functions/domain/delivery/circuit.ts';
import type { Minutes, Slice } from '../../../functions/domain/recovery/ports.ts';
import { type SweeperDependencies, sweep } from '../../../functions/sweeper/sweep.ts';
import { settledStory, share, tell } from '../conversion/stories.ts';

const minuteMs = 60_000;
const noon = Date.parse('2026-11-01T12:00:00.000Z');
const { conversion: unsettled } = tell([{ status: 'approved', amount: '5.00', transaction: 'T1' }]);
const untold = settledStory([{ status: 'approved', amount: '5.00', transaction: 'T1' }], share('80'));

/** The minutes of a log in memory, in one shard. */
class Log implements Minutes {
  /** The log entries that were received in each minute. */
  readonly held = new Map<number, Conversion[]>();
  readonly opened = new Map<number, { again: number; seen: string }>();
  readonly rows = new Set<string>();
  readonly looked: number[] = [];
  at: number | undefined;
  unreadable: number | undefined;

  async open(now: number): Promise<Slice[]> {
    return [...this.opened].filter(([, { again }]) => again <= now).map(([minute, { seen }]) => ({ minute, shard: '0', seen }));
  }
  async next() {
    return this.at;
  }
  async received(from: number) {
    return [...this.held.keys()].toSorted((a, b) => a - b).find((minute) => minute >= from);
  }
  async advance(minute: number) {
    this.at = minute;
  }
  async leaveOpen({ minute }: Slice, again: number) {
    this.opened.set(minute, { again, seen: `seen ${again}` });
  }
  async close({ minute, seen }: Slice) {
    if (this.opened.get(minute)?.seen === seen) this.opened.delete(minute);
  }
  async conversions({ minute, shard }: Slice) {
    if (shard === '0') this.looked.push(minute);
    if (minute === this.unreadable) throw new Error('this row cannot be read');
    return shard === '0' ? (this.held.get(minute) ?? []) : [];
  }
  async delivered(ids: readonly string[]) {
    return new Set(ids.filter((id) => this.rows.has(id)));
  }
}

let log: Log;
let sent: { conversions: string[]; deliveries: string[] };
let queueIsDown: boolean;
let now: number;
beforeEach(() => {
  log = new Log();
  log.at = noon;
  sent = { conversions: [], deliveries: [] };
  queueIsDown = false;
  now = noon;
});

const run = (timeIsUp: () => boolean = () => false) => {
  const take = () => {
    if (queueIsDown) throw new Error('the queue is down');
  };
  const hints: SweeperDependencies['hints'] = {
    conversions: async (ids) => {
      if (ids.length > 0) take();
      sent.conversions.push(...ids);
    },
    deliveries: async () => undefined,
    release: async () => undefined,
    send: async (some) => void sent.deliveries.push(...some.map(({ deliveryId }) => deliveryId)),
  };
  const held: SweeperDependencies['held'] = {
    held: async () => [],
    continueAt: async () => undefined,
    schedule: async () => true,
  } as never;
  return sweep({
    minutes: log,
    due: { deliveries: async () => undefined },
    waiting: { conversions: async () => undefined },
    hints,
    held,
    endpoints: { health: async () => healthy },
    now: () => now,
    timeIsUp,
  });
};

describe('the sweeper looks at what was received in each minute', () => {
  test('once the minute has been over for another', async () => {
    log.held.set(noon, [unsettled]);
    now = noon + 2 * minuteMs - 1;
    await run();
    expect(log.looked).toEqual([]);
    now += 1;
    await run();
    expect(log.looked).toEqual([noon]);
    expect(sent.conversions).toEqual([unsettled.conversion_id]);
  });

  test('and puts a delivery that nobody has attempted on its queue', async () => {
    log.held.set(noon, [untold]);
    now = noon + 2 * minuteMs;
    await run();
    expect(sent).toEqual({ conversions: [], deliveries: ['DLV-LOG0'] });
  });

  test('and again after five minutes, until everything is settled and delivered', async () => {
    log.held.set(noon, [unsettled]);
    now = noon + 2 * minuteMs;
    await run();
    now += minuteMs;
    await run();
    expect(sent.conversions).toHaveLength(1);
    now += 4 * minuteMs;
    await run();
    expect(sent.conversions).toHaveLength(2);
    log.held.set(noon, [untold]);
    log.rows.add('DLV-LOG0');
    now += 5 * minuteMs;
    await run();
    expect([sent.conversions.length, log.opened.size]).toEqual([2, 0]);
  });

  test('and leaves it open when the queue accepts nothing', async () => {
    log.held.set(noon, [unsettled]);
    queueIsDown = true;
    now = noon + 2 * minuteMs;
    await expect(run()).rejects.toThrow('not everything that is due is on its queue');
    expect(log.opened.size).toBe(1);
    queueIsDown = false;
    await run();
    expect(sent.conversions).toContain(unsettled.conversion_id);
  });

  test('even when another minute cannot be read, which stays open and makes the run fail', async () => {
    log.held.set(noon, [unsettled]);
    log.held.set(noon + minuteMs, [untold]);
    log.unreadable = noon;
    now = noon + 3 * minuteMs;
    await expect(run()).rejects.toThrow('cannot be read');
    expect(sent).toEqual({ conversions: [], deliveries: ['DLV-LOG0'] });
    log.unreadable = undefined;
    await run();
    expect(sent.conversions).toEqual([unsettled.conversion_id]);
  });

  test('and continues where it stopped when its time was over', async () => {
    for (let index = 0; index < 5; index += 1) log.held.set(noon + index * minuteMs, [unsettled]);
    now = noon + 6 * minuteMs;
    await run(() => log.looked.length >= 2);
    expect(log.at).toBe(noon + minuteMs);
    await run();
    expect(log.at).toBe(noon + 5 * minuteMs);
    expect(new Set(log.looked).size).toBe(5);
  });

  test('but does not read minutes without postbacks after a standstill', async () => {
    const day = 24 * 60 * minuteMs;
    log.held.set(noon + day, [unsettled]);
    now = noon + 3 * day;
    await run();
    expect(log.looked).toEqual([noon + day, now - 2 * minuteMs]);
    expect(log.at).toBe(now - minuteMs);
  });
});
