import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { conversionIdOf } from '../../functions/domain/conversion-id.ts';
import { BenchRun } from '../support/faults/bench-run.ts';
import { putSetting } from '../support/faults/campaign.ts';
import { Instance } from '../support/faults/instance.ts';
import { interleave } from '../support/faults/interleave.ts';
import { Person } from '../support/faults/person.ts';

let run: BenchRun;
beforeAll(async () => {
  run = await BenchRun.start();
  // The meaning of that word is known by now.
  const { partner } = run.campaign;
  await putSetting(run.bench, 'partner', partner.partner_id, { ...partner, status_mapping: { settled: 'approved' } });
}, 120_000);
afterAll(() => run.stop());

const person = (name: string, instance = new Instance()) => new Person(run.bench, name, instance);

interface Held {
  readonly click: string;
  readonly logId: string;
  /** The id under which it is held. */
  readonly id: string;
}

/** A postback that is held for a status word that was unknown when it came. */
async function heldForItsWord(worth?: string): Promise<Held> {
  const { partner } = run.campaign;
  const click = await run.click(worth);
  await putSetting(run.bench, 'partner', partner.partner_id, partner);
  const held = await heldBy(click, { status: 'settled' });
  await putSetting(run.bench, 'partner', partner.partner_id, { ...partner, status_mapping: { settled: 'approved' } });
  return held;
}

/** A postback that contradicted a conversion, which has been taken back since. */
async function heldAsConflict(worth: string): Promise<Held> {
  const click = await run.accepted(worth);
  const held = await heldBy(click, { payout: '7.50' });
  // Nobody can approve it while another payment is in its way.
  expect(await run.send(click, { status: 'reversed' })).toMatchObject({ result: 'accepted' });
  return held;
}

async function heldBy(click: string, more: Readonly<Record<string, string>>): Promise<Held> {
  const reply = await run.send(click, more);
  if (reply === 'killed' || reply.result !== 'held') throw new Error(`held expected: ${JSON.stringify(reply)}`);
  return { click, logId: reply.logId, id: await person('reader').heldAs(reply.logId) };
}

describe('two people, or a person and a partner, at the same time: one in every gap between the awaits of the other', () => {
  test('a held postback is processed again by both: it is paid once, and the log says what became of it', async () => {
    const gaps = await interleave(async () => {
      const { logId } = await heldForItsWord();
      return {
        first: (instance) => person('first', instance).reprocess(logId),
        second: () => person('second').reprocess(logId),
      };
    });
    expect(gaps).toBeGreaterThanOrEqual(4);
    await run.recover();
    await run.conclude('A held postback processed again within every gap of the same', gaps);
  });

  test('one processes it again and the other settles it by hand', async () => {
    const gaps = await interleave(async () => {
      const { logId, id } = await heldForItsWord();
      return {
        first: (instance) => person('first', instance).reprocess(logId),
        second: () => person('second').decide(id, { status: 'approved' }),
      };
    });
    const others = await interleave(async () => {
      const { logId, id } = await heldForItsWord();
      return {
        first: (instance) => person('first', instance).decide(id, { status: 'approved' }),
        second: () => person('second').reprocess(logId),
      };
    });
    await run.recover();
    await run.conclude('A held postback processed again and settled by hand, each within every gap of the other', gaps + others);
  });

  test('one settles it by hand as approved and the other as rejected: the first to commit decides', async () => {
    let click = '';
    const decided: string[] = [];
    const gaps = await interleave(
      async () => {
        const held = await heldForItsWord();
        click = held.click;
        decided.length = 0;
        const decide = async (name: string, status: 'approved' | 'rejected', instance?: Instance) => {
          const done = await person(name, instance).decide(held.id, { status });
          if (done !== 'killed' && done.done) decided.push(status);
        };
        return { first: (instance) => decide('first', 'approved', instance), second: () => decide('second', 'rejected') };
      },
      async () => {
        // The later of the two changes the conversion that the postback has become, or gets the answer that it is settled.
        run.ledger.expect(click, decided.at(-1) === 'approved' ? '4.00' : '0');
      },
    );
    await run.recover();
    await run.conclude('A held postback approved by one and rejected by another, within every gap', gaps);
  });

  test('one sets a conflict aside and the other accepts it', async () => {
    let click = '';
    const decided: string[] = [];
    const both = async (first: 'approved' | 'rejected', second: 'approved' | 'rejected') =>
      interleave(
        async () => {
          const held = await heldAsConflict('0');
          click = held.click;
          decided.length = 0;
          const decide = async (name: string, status: 'approved' | 'rejected', instance?: Instance) => {
            const done = await person(name, instance).decide(held.id, { status });
            if (done !== 'killed' && done.done) decided.push(status);
          };
          return { first: (instance) => decide('first', first, instance), second: () => decide('second', second) };
        },
        async () => {
          // 80% of 7.50. Once the postback is accepted, a rejection rejects the conversion.
          const worth = { approved: '6.00', rejected: '0', 'approved rejected': '0' };
          run.ledger.expect(click, worth[decided.join(' ') as keyof typeof worth]);
        },
      );
    const gaps = (await both('rejected', 'approved')) + (await both('approved', 'rejected'));
    await run.recover();
    await run.conclude('A conflict set aside by one and accepted by another, each within every gap of the other', gaps);
  });

  test.each([
    ['a conflict', () => heldAsConflict('0')],
    ['a postback that is held alone', () => heldForItsWord('0')],
  ])('%s is set aside by both: one of them is told that the other has', async (what, held) => {
    const done: boolean[] = [];
    const gaps = await interleave(
      async () => {
        const { id } = await held();
        done.length = 0;
        const setAside = async (name: string, instance?: Instance) => {
          const handled = await person(name, instance).decide(id, { status: 'rejected' });
          if (handled !== 'killed') done.push(handled.done);
        };
        return { first: (instance) => setAside('first', instance), second: () => setAside('second') };
      },
      async () => expect(done.toSorted()).toEqual([false, true]),
    );
    await run.recover();
    await run.conclude(`${what[0]?.toUpperCase()}${what.slice(1)} set aside within every gap of the same`, gaps);
  });

  test('a held postback is processed again by both and stays held: the log contains both times', async () => {
    let logId = '';
    let done = 0;
    const gaps = await interleave(
      async () => {
        ({ logId } = await heldForItsWord('0'));
        done = 0;
        const { partner } = run.campaign;
        await putSetting(run.bench, 'partner', partner.partner_id, partner);
        const again = async (name: string, instance?: Instance) => {
          const processed = await person(name, instance).reprocess(logId);
          if (processed !== 'killed' && processed.done) done += 1;
        };
        return { first: (instance) => again('first', instance), second: () => again('second') };
      },
      async () => expect([done, await person('reader').decisionsOn(logId)]).toEqual([done, done]),
    );
    await run.recover();
    await run.conclude('A postback that stays held processed again within every gap of the same', gaps);
  });

  test('a person reverses what the partner reverses: it is taken back once', async () => {
    const gaps = await interleave(async () => {
      const click = await run.accepted('0');
      const id = conversionIdOf(click, 'complete');
      return {
        first: (instance) => person('first', instance).decide(id, { status: 'reversed' }),
        second: () => run.send(click, { status: 'reversed' }),
      };
    });
    await run.recover();
    await run.conclude('Reversed by hand and by the partner within every gap', gaps);
  });
});

test('a commit whose answer is lost has the same result when it is sent again to a store that has forgotten it', async () => {
  const click = await run.click();
  const twice = new Instance(async ({ operation }, perform) => {
    if (operation === 'TransactWriteCommand') await perform();
    return perform();
  });
  expect(await run.send(click, {}, twice)).toMatchObject({ result: 'accepted' });
  expect(await run.send(click, {}, twice)).toMatchObject({ result: 'duplicate' });
  await run.recover();
  await run.conclude('A commit that comes through twice', 1);
});
