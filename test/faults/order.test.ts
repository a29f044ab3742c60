import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import { BenchRun } from '../support/faults/bench-run.ts';
import { payout } from '../support/faults/campaign.ts';
import type { Instance } from '../support/faults/instance.ts';
import { interleave } from '../support/faults/interleave.ts';

let run: BenchRun;
beforeAll(async () => {
  run = await BenchRun.start();
}, 120_000);
afterAll(() => run.stop());

describe('a reversal and its original', () => {
  test('racing at every await of either: nothing is left', async () => {
    const reversed = { status: 'reversed', reason: 'fraud' };
    const gaps = await interleave(async () => {
      const click = await run.click('0');
      return { first: (instance) => run.send(click, {}, instance), second: () => run.send(click, reversed) };
    });
    const others = await interleave(async () => {
      const click = await run.click('0');
      return { first: (instance) => run.send(click, reversed, instance), second: () => run.send(click) };
    });
    expect(gaps).toBeGreaterThanOrEqual(4);
    await run.recover();
    await run.conclude('Reversal racing its original at every await', gaps + others);
  });

  test('a partial reversal takes back its part, in any order and racing', async () => {
    const part = { status: 'reversed', payout: '2.00' };
    const gaps = await interleave(async () => {
      const click = await run.click('2.4');
      return { first: (instance) => run.send(click, {}, instance), second: () => run.send(click, part) };
    });
    await run.recover();
    await run.conclude('Partial reversal racing its original at every await', gaps);
  });
});

/** A reversal that names only the click, and the payment that it is about, each in every gap of the other. Nothing may be left. */
async function raceReversal(
  said: string,
  given: Parameters<BenchRun['bench']['campaign']>[0],
  sent: Readonly<Record<string, string>>,
): Promise<void> {
  const { bench } = run;
  const campaign = await bench.campaign(given);
  const sale = (click: string, instance?: Instance) => bench.postback(campaign.key, { click_id: click, payout, ...sent }, instance);
  const reversal = (click: string, instance?: Instance) => bench.postback(campaign.key, { click_id: click, status: 'reversed' }, instance);
  const prepare = async () => {
    const click = await bench.click(campaign);
    run.ledger.expect(click, '0');
    return click;
  };
  const gaps = await interleave(async () => {
    const click = await prepare();
    return { first: (instance) => sale(click, instance), second: () => reversal(click) };
  });
  const others = await interleave(async () => {
    const click = await prepare();
    return { first: (instance) => reversal(click, instance), second: () => sale(click) };
  });
  await run.recover();
  await run.conclude(said, gaps + others);
}

test('a reversal that names no event, racing the beginning of a goal at every await: nothing is left', () =>
  raceReversal(
    'A reversal without an event racing the beginning of a goal',
    { offer: { goals: [{ event: 'signup' }] } },
    { event: 'signup' },
  ));

test('a reversal that names no transaction, racing the first that a click is paid for at every await: nothing is left', () =>
  raceReversal(
    'A reversal without a transaction racing the first of a click',
    { offer: { repeat: 'per_transaction' } },
    { transaction_id: 'T1' },
  ));

test('two approvals under a cap that has room for one, racing at every await: one is paid and the other is held', async () => {
  const { bench } = run;
  let pair: [string, string] = ['', ''];
  let said: string[] = [];
  const gaps = await interleave(
    async () => {
      const { key, ...campaign } = await bench.campaign({ offer: { caps: [{ per: 'total', of: 'conversions', limit: new Big(1) }] } });
      pair = [await bench.click({ key, ...campaign }), await bench.click({ key, ...campaign })];
      said = [];
      const approve = async (click: string, instance?: Instance) => {
        const reply = await bench.postback(key, { click_id: click, payout, transaction_id: click }, instance);
        const what = reply === 'killed' ? reply : (reply.code ?? reply.result);
        run.ledger.expect(click, what === 'accepted' ? '4.00' : '0');
        said.push(String(what));
      };
      return { first: (instance) => approve(pair[0], instance), second: () => approve(pair[1]) };
    },
    async () => expect(said.toSorted()).toEqual(['accepted', 'over_cap']),
  );
  await run.recover();
  await run.conclude('Two approvals under a cap of one, within every gap', gaps);
});

test('a reversal racing the end of its hold period at every await: nothing is left', async () => {
  const { bench } = run;
  const campaign = await bench.campaign({ offer: { hold_hours: new Big('0.001') } });
  const gaps = await interleave(async () => {
    const click = await bench.click(campaign);
    run.ledger.expect(click, '0');
    await bench.postback(campaign.key, { click_id: click, payout, transaction_id: 'T' });
    await bench.work();
    bench.now += 10_000;
    await bench.sweep();
    const messages = bench.queues.receive('conversions');
    if (messages.length === 0) throw new Error('a message expected');
    return {
      first: (instance) => bench.settle(messages, instance),
      second: () => bench.postback(campaign.key, { click_id: click, status: 'reversed', transaction_id: 'T' }),
    };
  });
  await run.recover();
  await run.conclude('Reversal received within every gap of the end of the hold period of its original', gaps);
});

describe('two at the same time, one in every gap between the awaits of the other', () => {
  test('the same postback twice', async () => {
    const gaps = await interleave(async () => {
      const click = await run.click();
      return { first: (instance) => run.send(click, {}, instance), second: () => run.send(click) };
    });
    await run.recover();
    await run.conclude('The same postback within every gap of itself', gaps);
  });

  test('a held postback twice, and the reversal of what is held in between', async () => {
    const unknown = { payout: '8.00', status: 'reversed' };
    const gaps = await interleave(async () => {
      const click = await run.click('0');
      await run.send(click, { status: 'pending' });
      return { first: (instance) => run.send(click, unknown, instance), second: () => run.send(click, { status: 'approved' }) };
    });
    await run.recover();
    // A reversal counts whether it came before the approval or after it.
    await run.conclude('Reversal of a pending conversion racing its approval at every await', gaps);
  });

  test('settling the same conversion', async () => {
    const gaps = await interleave(async () => {
      await run.accepted(undefined, 'same');
      const messages = run.bench.queues.receive('conversions');
      return { first: (instance) => run.bench.settle(messages, instance), second: () => run.bench.settle(messages) };
    });
    await run.recover();
    await run.conclude('The same message settled within every gap of its settlement', gaps);
  });

  test('settling two conversions of one user', async () => {
    const gaps = await interleave(async () => {
      await run.accepted(undefined, 'shared');
      await run.accepted(undefined, 'shared');
      const [a, b] = run.bench.queues.receive('conversions');
      if (a === undefined || b === undefined) throw new Error('two messages expected');
      return { first: (instance) => run.bench.settle([a], instance), second: () => run.bench.settle([b]) };
    });
    await run.recover();
    await run.conclude("One user's other conversion settled within every gap", gaps);
  });

  test('settling and the reversal of what is being settled', async () => {
    const gaps = await interleave(async () => {
      const click = await run.accepted('0');
      const messages = run.bench.queues.receive('conversions');
      return { first: (instance) => run.bench.settle(messages, instance), second: () => run.send(click, { status: 'reversed' }) };
    });
    await run.recover();
    await run.conclude('Reversal received within every gap of the settlement of its original', gaps);
  });

  test('forwarding and another step of the same conversion, whose message is lost', async () => {
    const gaps = await interleave(async () => {
      const click = await run.accepted('0');
      await run.bench.settle(run.bench.queues.receive('conversions'));
      const [message] = run.bench.queues.receive('deliveries');
      if (message === undefined) throw new Error('a message expected');
      return {
        first: (instance) => run.bench.forward(message, instance),
        second: async () => {
          await run.send(click, { status: 'reversed' });
          run.bench.queues.loseAll();
        },
      };
    });
    await run.recover();
    await run.conclude('Reversal received within every gap of the delivery of its original, its message lost', gaps);
  });

  test('forwarding the same delivery while the publisher changes its mind', async () => {
    const { publisher } = run.bench;
    const gaps = await interleave(async () => {
      await run.accepted();
      publisher.answerStatus(500);
      await run.bench.settle(run.bench.queues.receive('conversions'));
      const [message] = run.bench.queues.receive('deliveries');
      if (message === undefined) throw new Error('a message expected');
      return {
        first: (instance) => run.bench.forward(message, instance),
        second: async () => {
          publisher.answerStatus(200);
          await run.bench.forward(message);
          publisher.answerStatus(500);
        },
      };
    });
    publisher.answerStatus(200);
    await run.recover();
    const verdict = await run.conclude('The same delivery within every gap of its attempt, the publisher failing and succeeding', gaps);
    // Every attempt is kept: none ever disappears from a delivery.
    for (const { row } of verdict.records.deliveries) expect(row.attempts.length).toBeGreaterThan(0);
  });
});
