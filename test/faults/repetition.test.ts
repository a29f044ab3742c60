import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stepsOf } from '../../functions/domain/conversion.ts';
import { BenchRun } from '../support/faults/bench-run.ts';
import { size } from '../support/faults/experiment.ts';

const minute = 60_000;
const day = 86_400_000;

let run: BenchRun;
beforeAll(async () => {
  run = await BenchRun.start();
}, 120_000);
afterAll(() => run.stop());

function counts(results: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(results, (result) => result)].map(([result, all]) => [result, all.length]));
}

async function together(click: string, times: number, more: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const replies = await Promise.all(Array.from({ length: times }, () => run.send(click, more)));
  return replies.map((reply) => (reply === 'killed' ? reply : reply.result));
}

describe('a postback that comes again', () => {
  test('100 at once, again after 11 minutes, again after 30 days: one is accepted and paid', async () => {
    const rounds = size(5, 1);
    for (let round = 0; round < rounds; round += 1) {
      const click = await run.click();
      expect(counts(await together(click, 100))).toEqual({ accepted: 1, duplicate: 99 });
      await run.recover();
      run.bench.now += 11 * minute;
      expect(counts(await together(click, 100))).toEqual({ duplicate: 100 });
      await run.recover();
      run.bench.now += 30 * day;
      expect(counts(await together(click, 100))).toEqual({ duplicate: 100 });
      await run.recover();
    }
    await run.conclude('100 identical postbacks at once, after 11 minutes, after 30 days', 300 * rounds);
  });

  test('100 at once whose amount is held: one is held', async () => {
    const click = await run.accepted();
    expect(counts(await together(click, 100, { payout: '9.00' }))).toEqual({ held: 1, duplicate: 99 });
    await run.recover();
    await run.conclude('Same transaction, other amount, 100 at once', 100);
  });

  test('the same transaction with another amount, or another transaction, never pays more', async () => {
    const clicks = size(100, 4);
    for (let made = 0; made < clicks; made += 1) {
      const click = await run.click();
      const replies = await Promise.all([
        run.send(click),
        run.send(click, { payout: '50.00', transaction_id: 'other', status: 'declined-by-nobody' }),
        run.send(click, { status: 'pending', payout: '7.00' }),
      ]);
      expect(replies.length).toBe(3);
      const first = await paidFor(click);
      run.ledger.expect(click, first);
    }
    await run.recover();
    await run.conclude('Same click: other amount, unknown status, pending, all at once', clicks * 3);
  });

  test('a forward-only partner that repeats is forwarded once', async () => {
    const campaign = await run.bench.campaign();
    const partner = await run.bench.campaign({ partner: { mode: 'forward_only', forward_to: [campaign.publisher.publisher_id] } });
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => run.bench.postback(partner.key, { transaction_id: 'f1', anything: 'x' })),
    );
    expect(counts(replies.map((reply) => (reply === 'killed' ? reply : reply.result)))).toEqual({ accepted: 1, duplicate: 19 });
    await run.recover();
    const verdict = await run.conclude('Forward-only partner, 20 identical at once', 20);
    expect(verdict.records.deliveries.filter(({ row }) => row.publisher_id === campaign.publisher.publisher_id)).toHaveLength(1);
  });

  test('commits succeed and the queue is down for an hour', async () => {
    const many = size(1_000, 10);
    run.bench.queues.down = true;
    for (let made = 0; made < many; made += 1) {
      await run.accepted();
      run.bench.now += Math.ceil((60 * minute) / many);
    }
    expect(run.bench.queues.messages).toEqual([]);
    run.bench.queues.down = false;
    const recoveryMs = await run.recover();
    await run.conclude('Commit succeeds and the queue is down for an hour', many, { recoveryMs });
  });

  test("clocks that are ten minutes apart: the receiver's ahead, the processor's behind, and the other way round", async () => {
    for (const skew of [10 * minute, -10 * minute]) {
      const clicks: string[] = [];
      for (let made = 0; made < size(50, 3); made += 1) {
        const click = await run.click();
        clicks.push(click);
        await run.send(click, {}, undefined, () => run.bench.now + skew);
        await run.bench.settle(run.bench.queues.receive('conversions'), undefined, () => run.bench.now - skew);
        for (const message of run.bench.queues.receive('deliveries'))
          await run.bench.forward(message, undefined, () => run.bench.now + skew);
        await run.send(click, { status: 'reversed' }, undefined, () => run.bench.now - skew);
        run.ledger.expect(click, '0');
      }
    }
    await run.recover();
    await run.bench.pass(30 * minute);
    await run.conclude('Clocks ten minutes apart', size(100, 6));
  });
});

/** What the conversion of a click is worth by the first step that pays; a pending one pays nothing. */
async function paidFor(click: string): Promise<string> {
  await run.recover();
  const { readAll } = await import('../support/faults/oracle.ts');
  const records = await readAll(run.bench.client, run.bench.names);
  const found = records.conversions.filter(({ click_id }) => click_id === click);
  expect(found).toHaveLength(1);
  const steps = found.flatMap(stepsOf).map(({ status, amount }) => `${status} ${amount?.toFixed(2)}`);
  // Either the approval came first, or the pending one, after which the approval moves it on.
  expect(steps.at(-1)).toBe('approved 5.00');
  return '4.00';
}
