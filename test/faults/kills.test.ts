import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Bench } from '../support/faults/bench.ts';
import { type Campaign, payout, points } from '../support/faults/campaign.ts';
import { conclude, Ledger, size } from '../support/faults/experiment.ts';
import { Instance } from '../support/faults/instance.ts';

/** Longer than the sweeper's grace period, so that the sweeper picks up what was dropped. */
const later = 400_000;
/** More awaits than any function has; the loop ends when an instance completes its work. */
const mostAwaits = 300;

let bench: Bench;
let campaign: Campaign;
let ledger: Ledger;
let acknowledgedBefore = 0;

beforeAll(async () => {
  bench = await Bench.start();
  campaign = await bench.campaign();
  ledger = new Ledger();
}, 120_000);
afterAll(() => bench.stop());
afterEach(() => bench.publisher.answerStatus(200));

/** A conversion that has been accepted and whose message is in the queue. */
async function accepted(): Promise<string> {
  const click = await bench.click(campaign);
  ledger.expect(click, points);
  await send(click);
  return click;
}

async function send(click: string, instance?: Instance): Promise<'answered' | 'killed'> {
  const reply = await bench.postback(campaign.key, { click_id: click, payout, transaction_id: `tx-${click}` }, instance);
  if (reply === 'killed') return reply;
  expect(['accepted', 'duplicate']).toContain(reply.result);
  ledger.acknowledge(click);
  return 'answered';
}

/** Lets time pass, so that hidden messages come again and the sweeper runs. */
async function recover(): Promise<void> {
  await bench.pass(later);
  await bench.pass(later);
}

function finish(experiment: string, runs: number, recoveryMs: number) {
  const acknowledged = new Set([...ledger.acknowledged].slice(acknowledgedBefore));
  acknowledgedBefore = ledger.acknowledged.size;
  return conclude(
    { experiment, runs, recoveryMs, ownClock: true },
    {
      client: bench.client,
      names: bench.names,
      now: bench.now,
      expectation: { acknowledged, points: ledger.points },
      publishers: [bench.publisher],
    },
  );
}

/** Does the work with an instance that is killed at its first await, then at its second, and so on until one completes it. */
async function killAtEveryAwait(run: (instance: Instance) => Promise<void>, step = 1): Promise<number> {
  let kills = 0;
  for (const when of ['before', 'after'] as const) {
    for (let number = 1; ; number += step) {
      const instance = Instance.killedAt(number, when);
      await run(instance);
      if (!instance.wasKilled) break;
      kills += 1;
      expect(number).toBeLessThan(mostAwaits);
    }
  }
  return kills;
}

describe('a function killed at each of its awaits, before and after what it waits for is done', () => {
  test('receive: the partner sends again, and is paid once', async () => {
    const kills = await killAtEveryAwait(async (instance) => {
      const click = await bench.click(campaign);
      ledger.expect(click, points);
      if ((await send(click, instance)) === 'killed') await send(click);
    });
    await recover();
    expect(kills).toBeGreaterThanOrEqual(8);
    await finish('Kill at every await of receive', kills, 2 * later);
  });

  test('receive: what was committed is settled even if the partner never sends again', async () => {
    const clicks: string[] = [];
    const kills = await killAtEveryAwait(async (instance) => {
      const click = await bench.click(campaign);
      clicks.push(click);
      await send(click, instance);
    });
    await recover();
    const verdict = await finish('Kill at every await of receive, never sent again', kills, 2 * later);
    // Either the commit was made and all of it happened, or nothing did.
    const converted = verdict.records.conversions.filter(({ click_id }) => clicks.includes(click_id));
    for (const { credited } of converted) expect(credited.points.toFixed(2)).toBe(points);
    expect(converted.length).toBeGreaterThan(0);
    expect(converted.length).toBeLessThan(clicks.length);
    for (const click of clicks) ledger.expect(click, converted.some(({ click_id }) => click_id === click) ? points : '0');
  });

  test('settle: a batch of three comes again, and each is credited once', async () => {
    const kills = await killAtEveryAwait(async (instance) => {
      await accepted();
      await accepted();
      await accepted();
      await bench.settle(bench.queues.receive('conversions'), instance);
    });
    await recover();
    expect(kills).toBeGreaterThanOrEqual(10);
    await finish('Kill at every await of settle', kills, 2 * later);
  });

  test.each([
    ['that succeeds', 200],
    ['that fails', 500],
  ])('forward: an attempt %s is made again until it is recorded', async (_, status) => {
    bench.publisher.answerStatus(status);
    const kills = await killAtEveryAwait(async (instance) => {
      await accepted();
      await bench.settle(bench.queues.receive('conversions'));
      for (const message of bench.queues.receive('deliveries')) await bench.forward(message, instance);
    });
    bench.publisher.answerStatus(200);
    await recover();
    expect(kills).toBeGreaterThanOrEqual(10);
    await finish(
      `Kill at every await of forward (publisher answers ${status}): before the POST, after it, before the attempt is written, before the reschedule`,
      kills,
      2 * later,
    );
  });

  test('sweep: a later run picks up what it had already postponed', async () => {
    const kills = await killAtEveryAwait(
      async (instance) => {
        await accepted();
        bench.queues.loseAll();
        bench.now += later;
        await bench.sweep(instance);
        bench.queues.loseAll();
        await recover();
      },
      size(1, 37),
    );
    expect(kills).toBeGreaterThanOrEqual(size(128, 8));
    await finish('Kill at every await of the sweeper, its messages lost', kills, 2 * later);
  });
});
