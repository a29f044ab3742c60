import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createBacklogReader } from '../../functions/adapters/dynamo/backlog-reader.ts';
import { createMinutes } from '../../functions/adapters/dynamo/open-minutes.ts';
import { settingKey } from '../../functions/adapters/dynamo/setting-rows.ts';
import { shardOf } from '../../functions/domain/shards.ts';
import { inParallel } from '../support/faults/bench.ts';
import { BenchRun, later } from '../support/faults/bench-run.ts';
import { payout, putSetting } from '../support/faults/campaign.ts';
import { size } from '../support/faults/experiment.ts';
import { Instance } from '../support/faults/instance.ts';
import { interleave, type Pair } from '../support/faults/interleave.ts';
import { Person } from '../support/faults/person.ts';

const minuteMs = 60_000;

let run: BenchRun;
beforeAll(async () => {
  run = await BenchRun.start();
}, 120_000);
afterAll(() => run.stop());

/** A postback whose status word was unknown when it came, and is known now. */
async function held(): Promise<{ click: string; logId: string }> {
  const { partner } = run.campaign;
  const click = await run.click();
  await putSetting(run.bench, 'partner', partner.partner_id, partner);
  const reply = await run.send(click, { status: 'settled' });
  if (reply === 'killed' || reply.result !== 'held') throw new Error(`held expected: ${JSON.stringify(reply)}`);
  await putSetting(run.bench, 'partner', partner.partner_id, { ...partner, status_mapping: { settled: 'approved' } });
  return { click, logId: reply.logId };
}

describe('the sweeper finds open work by reading what was received', () => {
  test('even when the messages that it has sent are lost too', async () => {
    await run.accepted();
    for (let time = 0; time < 3; time += 1) {
      run.bench.queues.loseAll();
      run.bench.now += later;
      await run.bench.sweep();
      expect(run.bench.queues.messages.map(({ queue }) => queue)).toEqual(['conversions']);
    }
    await run.recover();
    await run.conclude('Messages of the sweeper lost three times', 1);
  });

  test('even of what was processed again long after its minute, with its message lost', async () => {
    const { logId } = await held();
    await run.recover();
    run.bench.now += 60 * minuteMs;
    await run.bench.sweep();
    expect(await new Person(run.bench, 'ann', new Instance()).reprocess(logId)).toMatchObject({ done: true });
    run.bench.queues.loseAll();
    await run.recover();
    await run.conclude('Processed again an hour later, its message lost', 1);
  });

  test('even in a minute that is opened again in any gap of the run that closes it', async () => {
    const pair = async (): Promise<Pair> => {
      await run.recover();
      const { logId } = await held();
      run.bench.now += later;
      await run.bench.sweep();
      const minute = Math.floor((run.bench.now - later) / minuteMs) * minuteMs;
      await createMinutes(run.bench.client, run.bench.names).leaveOpen({ minute, shard: shardOf(logId) }, run.bench.now, {});
      return {
        first: (instance) => run.bench.sweep(instance),
        second: async () => {
          await new Person(run.bench, 'ben', new Instance()).reprocess(logId);
          run.bench.queues.loseAll();
        },
      };
    };
    const gaps = await interleave(pair, undefined, size(1, 24));
    expect(gaps).toBeGreaterThanOrEqual(4);
    await run.recover();
    await run.conclude('A minute opened again within every gap of the sweep that closes it', gaps);
  }, 600_000);
});

test('a conversion that cannot be settled is shown as the oldest unsettled, beside many that are being settled', async () => {
  const { bench } = run;
  await run.recover();
  const oldest = () => createBacklogReader(bench.client, bench.names).oldest();
  expect(await oldest()).toEqual({ unsettled: undefined, undelivered: undefined });
  const poisoned = await bench.campaign();
  const click = await bench.click(poisoned);
  run.ledger.expect(click, '4.00');
  const since = bench.now;
  expect(await bench.postback(poisoned.key, { click_id: click, payout })).toMatchObject({ result: 'accepted' });
  const Key = { pk: settingKey('offer', poisoned.offer.offer_id) };
  await bench.client.send(new DeleteCommand({ TableName: bench.names.settings, Key }));
  bench.now += later;
  const others = size(320, 60);
  await inParallel(
    Array.from({ length: others }, (_, index) => () => run.accepted(undefined, `on-its-way-${index}`)),
    4,
  );
  await bench.sweep();
  expect(await oldest()).toMatchObject({ unsettled: since });
  // It fails, and is still shown as unsettled while all the others are settled.
  await bench.work();
  await bench.pass(later);
  expect(await oldest()).toEqual({ unsettled: since, undelivered: undefined });
  await putSetting(bench, 'offer', poisoned.offer.offer_id, poisoned.offer);
  await run.recover();
  expect(await oldest()).toEqual({ unsettled: undefined, undelivered: undefined });
  await run.conclude(`One that cannot be settled beside ${others} that are on their way`, 1);
}, 300_000);

test('a slower sweeper does not turn the clock back', async () => {
  const minutes = createMinutes(run.bench.client, run.bench.names);
  await run.recover();
  const reached = await minutes.next();
  await minutes.advance((reached ?? 0) - 10 * minuteMs);
  expect(await minutes.next()).toBe(reached);
});
