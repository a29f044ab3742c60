import { describe, expect, test } from '@jest/globals';
import { balanceAfter, share, type Told, tell } from './stories.ts';

const A: Told = { status: 'approved', amount: '10.00', transaction: 'T1' };
const P: Told = { status: 'pending', amount: '10.00', transaction: 'T1' };
const J: Told = { status: 'rejected', amount: '0', transaction: 'T1' };
const R: Told = { status: 'reversed', amount: '10.00', transaction: 'T1' };
const A2: Told = { ...A, transaction: 'T2' };
const unnamed: Told = { status: 'approved', amount: '10.00' };
const part = (amount: string, transaction?: string): Told => ({ status: 'reversed', amount, ...(transaction && { transaction }) });
const charged: Told = { status: 'rejected', chargeback: true, transaction: 'T1' };

/** What is told, the result of each telling, and the points at 80% that are left. */
type Row = readonly [string, readonly Told[], readonly string[], string];
function holds(rows: readonly Row[]): void {
  test.each(rows)('%s', (_rule, story, results, balance) => {
    expect(tell(story).results).toEqual(results);
    expect(balanceAfter(story, share('80'))).toBe(balance);
    expect(balanceAfter(story, share('80'), 7)).toBe(balance);
  });
}

describe('a conversion moves as contract 1.5 says', () => {
  holds([
    ['approved', [A], ['accepted'], '8'],
    ['pending, then approved', [P, A], ['accepted', 'accepted'], '8'],
    ['pending, then rejected', [P, J], ['accepted', 'accepted'], '0'],
    ['approved, then rejected', [A, J], ['accepted', 'accepted'], '0'],
    ['approved, then reversed', [A, R], ['accepted', 'accepted'], '0'],
    ['rejected, then approved', [J, A], ['accepted', 'accepted'], '8'],
    ['rejected, then reversed: nothing is left, and nothing is taken', [J, R], ['accepted', 'accepted'], '0'],
    ['a pending after the approval is a conflict', [A, P], ['accepted', 'held conflict'], '8'],
    ['a pending after a reversal is a conflict', [A, R, { ...P, amount: '9.00' }], ['accepted', 'accepted', 'held conflict'], '0'],
    ['a rejection after a reversal is a conflict', [A, R, J], ['accepted', 'accepted', 'held conflict'], '0'],
    ['an unknown word is held', [{ amount: '10.00', transaction: 'T1' }], ['held unknown_status'], '0'],
  ]);
});

describe('two that say the same are one postback', () => {
  holds([
    ['the same approval again is a duplicate', [A, A], ['accepted', 'duplicate'], '8'],
    ['whatever its reason is', [A, { ...A, reason: 'another' }], ['accepted', 'duplicate'], '8'],
    ['the same amount written otherwise is the same amount', [A, { ...A, amount: '10' }], ['accepted', 'duplicate'], '8'],
    [
      'no amount is zero',
      [
        { ...A, amount: '0' },
        { status: 'approved', transaction: 'T1' },
      ],
      ['accepted', 'duplicate'],
      '0',
    ],
    ['another amount is a conflict', [A, { ...A, amount: '12.00' }], ['accepted', 'held conflict'], '8'],
    ['another transaction is a conflict', [A, A2], ['accepted', 'held conflict'], '8'],
    ['another currency is a conflict', [A, { ...A, currency: 'EUR' }], ['accepted', 'held conflict'], '8'],
    ['a currency that is not sent is the one that is recorded', [{ ...A, currency: 'EUR' }, A], ['accepted', 'duplicate'], '8'],
    ['what names no transaction never conflicts', [A, unnamed], ['accepted', 'duplicate'], '8'],
    ['nor does what names one after it', [unnamed, A], ['accepted', 'duplicate'], '8'],
    [
      'what is held and said again is a duplicate',
      [A, { ...A, amount: '12.00' }, { ...A, amount: '12.00' }],
      ['accepted', 'held conflict', 'duplicate'],
      '8',
    ],
    ['an unknown word said again is a duplicate', [{ amount: '10.00' }, { amount: '10.00' }], ['held unknown_status', 'duplicate'], '0'],
    ['a pending said again is a duplicate, also after its approval', [P, P, A, P], ['accepted', 'duplicate', 'accepted', 'duplicate'], '8'],
    ["a pending's transaction does not bind its approval", [P, A2], ['accepted', 'accepted'], '8'],
  ]);
});

describe('after a take-back an approval pays again only if it names a transaction that has not been seen', () => {
  holds([
    ['the same approval is a duplicate', [A, R, A], ['accepted', 'accepted', 'duplicate'], '0'],
    ['a transaction that is new pays', [A, R, A2], ['accepted', 'accepted', 'accepted'], '8'],
    ['and what takes back the first takes nothing of it', [A, R, A2, R], ['accepted', 'accepted', 'accepted', 'duplicate'], '8'],
    ['another reason is held', [A, R, { ...A, reason: 'appeal' }], ['accepted', 'accepted', 'held reapproval'], '0'],
    [
      'the same transaction with another amount is held',
      [A, R, { ...A, amount: '9.00' }],
      ['accepted', 'accepted', 'held reapproval'],
      '0',
    ],
    ['one that names no transaction is a duplicate', [A, R, unnamed], ['accepted', 'accepted', 'duplicate'], '0'],
    [
      'a server call that names one after a pixel without is a duplicate',
      [unnamed, part('10.00'), A],
      ['accepted', 'accepted', 'duplicate'],
      '0',
    ],
    [
      "an id that was so far only a take-back's own is held",
      [A, { ...R, transaction: 'R-1' }, { ...A, transaction: 'R-1' }],
      ['accepted', 'accepted', 'held reapproval'],
      '0',
    ],
    ['a person may pay again', [A, R, { ...A, byHand: true }], ['accepted', 'accepted', 'accepted'], '8'],
    [
      'a rejection of what was never paid takes nothing back: its approval is none that pays again',
      [P, J, A],
      ['accepted', 'accepted', 'accepted'],
      '8',
    ],
    ['while a part stands another transaction is a conflict', [A, part('4.00'), A2], ['accepted', 'accepted', 'held conflict'], '4.8'],
  ]);
});

describe('a take-back belongs to its transaction', () => {
  holds([
    ['without an amount it takes everything', [A, { status: 'reversed' }], ['accepted', 'accepted'], '0'],
    ['a larger one takes what was credited', [A, { ...R, amount: '40.00' }], ['accepted', 'accepted'], '0'],
    ['a smaller one takes its part', [A, { ...R, amount: '4.00' }], ['accepted', 'accepted'], '4.8'],
    ['an id that is not known is its own', [A, { ...R, transaction: 'R-1' }], ['accepted', 'accepted'], '0'],
    [
      'two of the same amount with ids of their own are two',
      [A, part('3.00', 'R-1'), part('3.00', 'R-2')],
      ['accepted', 'accepted', 'accepted'],
      '3.2',
    ],
    ['the same id again is one', [A, part('3.00', 'R-1'), part('3.00', 'R-1')], ['accepted', 'accepted', 'duplicate'], '5.6'],
    [
      'the same id with another amount is a conflict',
      [A, part('3.00', 'R-1'), part('4.00', 'R-1')],
      ['accepted', 'accepted', 'held conflict'],
      '5.6',
    ],
    ['without ids the same amount again is one', [A, part('3.00'), part('3.00')], ['accepted', 'accepted', 'duplicate'], '5.6'],
    ['without ids other amounts are two', [A, part('3.00'), part('4.00')], ['accepted', 'accepted', 'accepted'], '2.4'],
    ['the whole after a part takes the rest', [A, part('4.00'), { status: 'reversed' }], ['accepted', 'accepted', 'accepted'], '0'],
    ['the whole amount under the id of a part is a conflict', [A, part('4.00', 'T1'), R], ['accepted', 'accepted', 'held conflict'], '4.8'],
    [
      'the whole amount and none are the same',
      [A, R, { status: 'reversed', transaction: 'T1' }],
      ['accepted', 'accepted', 'duplicate'],
      '0',
    ],
    ['a rejection after a part takes the rest', [A, part('4.00'), J], ['accepted', 'accepted', 'accepted'], '0'],
    [
      'of what is held it settles that, and takes nothing',
      [A, { ...A2, amount: '7.00' }, { status: 'reversed', transaction: 'T2' }],
      ['accepted', 'held conflict', 'accepted'],
      '8',
    ],
    [
      'a part of what is held leaves it held',
      [A, { ...A2, amount: '7.00' }, part('1.00', 'T2')],
      ['accepted', 'held conflict', 'held conflict'],
      '8',
    ],
    [
      'of another that is paid no more it takes nothing',
      [A, R, A2, part('1.00', 'T1')],
      ['accepted', 'accepted', 'accepted', 'held conflict'],
      '8',
    ],
    [
      'an original that is named is the one',
      [A, { status: 'reversed', transaction: 'R-1', original: 'T1' }],
      ['accepted', 'accepted'],
      '0',
    ],
    [
      'an original that is not known yet waits for that transaction',
      [A, { status: 'reversed', transaction: 'R-1', original: 'T2' }],
      ['accepted', 'accepted'],
      '8',
    ],
  ]);
});

describe('a take-back that comes before its original nets with it', () => {
  holds([
    ['nothing is left', [R, A], ['accepted', 'accepted'], '0'],
    ['of a part the rest', [part('4.00'), A], ['accepted', 'accepted'], '4.8'],
    [
      'two parts with ids of their own both count',
      [part('4.00', 'R-1'), part('3.00', 'R-2'), A],
      ['accepted', 'accepted', 'accepted'],
      '2.4',
    ],
    ['between a pending and its approval', [P, R, A], ['accepted', 'accepted', 'accepted'], '0'],
    ['a chargeback whose word is rejected', [charged, A], ['accepted', 'accepted'], '0'],
    ['a plain rejection counts where it stands', [J, A], ['accepted', 'accepted'], '8'],
    ['a second approval is one that pays again', [R, A, A2], ['accepted', 'accepted', 'accepted'], '8'],
    [
      'one that comes when nothing is left never nets',
      [A, R, part('2.00', 'R-9'), A2],
      ['accepted', 'accepted', 'accepted', 'accepted'],
      '8',
    ],
    [
      'one that is held for its window is remembered',
      [
        { ...R, hold: 'outside_window' },
        { ...A, byHand: true },
      ],
      ['held outside_window', 'accepted'],
      '0',
    ],
    ['one for another transaction leaves the first alone', [{ status: 'reversed', original: 'T2' }, A], ['accepted', 'accepted'], '8'],
  ]);

  test('however it is sent again, and in whatever order', () => {
    for (const story of [
      [R, R, A, A],
      [R, A, R, A],
      [A, R, A, R],
    ])
      expect(balanceAfter(story, share('80'))).toBe('0');
  });
});

describe('what a person says is a statement like any other', () => {
  holds([
    [
      'what was held is approved, and its exact resend is a duplicate',
      [{ ...A, hold: 'outside_window' }, { ...A, decides: 0 }, A],
      ['held outside_window', 'accepted', 'duplicate'],
      '8',
    ],
    [
      'also after its reversal',
      [{ ...A, hold: 'outside_window' }, { ...A, decides: 0 }, R, A],
      ['held outside_window', 'accepted', 'accepted', 'duplicate'],
      '0',
    ],
    [
      'a word that is mapped by now',
      [{ amount: '10.00', transaction: 'T1' }, { ...A, decides: 0 }, R, A],
      ['held unknown_status', 'accepted', 'accepted', 'duplicate'],
      '0',
    ],
    [
      'a held conflict cannot be approved while another stands',
      [A, { ...A2, amount: '7.00' }, { ...A2, amount: '7.00', decides: 1 }],
      ['accepted', 'held conflict', 'held conflict'],
      '8',
    ],
    [
      'once that is taken back it can',
      [A, { ...A2, amount: '7.00' }, R, { ...A2, amount: '7.00', decides: 1 }],
      ['accepted', 'held conflict', 'accepted', 'accepted'],
      '5.6',
    ],
    [
      'a reversal that a person makes early nets too',
      [P, { status: 'reversed', byHand: true }, A],
      ['accepted', 'accepted', 'accepted'],
      '0',
    ],
    [
      'a rejection by hand sets aside what came early',
      [R, { status: 'rejected', byHand: true }, A],
      ['accepted', 'accepted', 'accepted'],
      '8',
    ],
    [
      "the partner's own approval after one by hand is a duplicate",
      [{ status: 'approved', amount: '10.00', byHand: true }, A],
      ['accepted', 'duplicate'],
      '8',
    ],
    [
      'also once that was reversed',
      [{ status: 'approved', amount: '10.00', byHand: true }, A, R, A],
      ['accepted', 'duplicate', 'accepted', 'duplicate'],
      '0',
    ],
  ]);
});

describe('what was faulty at 921cf13 (the numbers of its report)', () => {
  holds([
    [
      '1: two early reversals do not overwrite each other',
      [P, part('2.00', 'R-1'), part('3.00', 'R-2'), A],
      ['accepted', 'accepted', 'accepted', 'accepted'],
      '4',
    ],
    [
      '2: a repetition that was answered duplicate is remembered',
      [A, unnamed, R, unnamed],
      ['accepted', 'duplicate', 'accepted', 'duplicate'],
      '0',
    ],
    [
      '2: a duplicate reversal does not take back what was approved again',
      [A, R, R, A2, R],
      ['accepted', 'accepted', 'duplicate', 'accepted', 'duplicate'],
      '8',
    ],
    [
      '5: a reversal takes no other transaction’s money',
      [A, { ...A2, amount: '7.00' }, { status: 'reversed', transaction: 'T2' }, { ...A2, amount: '7.00' }],
      ['accepted', 'held conflict', 'accepted', 'duplicate'],
      '8',
    ],
    [
      '8: an early reversal that a person confirms does not pay',
      [P, { ...R, hold: 'unknown_event' }, { ...R, decides: 1 }, A],
      ['accepted', 'held unknown_event', 'accepted', 'accepted'],
      '0',
    ],
    ['10: a default currency does not stick', [{ status: 'pending' }, { ...A, currency: 'EUR' }], ['accepted', 'accepted'], '8'],
    [
      '12: two refunds with ids of their own count twice',
      [A, part('3.00', 'R-1'), part('3.00', 'R-2')],
      ['accepted', 'accepted', 'accepted'],
      '3.2',
    ],
    ['12: a rejection that is a chargeback comes first', [{ ...charged, amount: '10.00' }, A], ['accepted', 'accepted'], '0'],
  ]);

  test('10: the currency is that of the first amount', () => {
    expect(tell([{ status: 'pending' }, { ...A, currency: 'EUR' }]).conversion.currency).toBe('EUR');
    expect(tell([{ status: 'pending' }]).conversion.currency).toBe('USD');
  });
});

test('repetitions never make a conversion worth more', () => {
  const story = Array.from({ length: 250 }, (_, index): Told => ({ ...(index % 2 === 0 ? A : R), transaction: `T${index % 5}` }));
  expect(Number(balanceAfter([...story, ...story], share('80')))).toBe(Number(balanceAfter(story, share('80'))));
});
