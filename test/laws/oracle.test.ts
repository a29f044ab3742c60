import { describe, expect, it } from '@jest/globals';
import { type Story, type Telling, tell } from './oracle.ts';

/** Compares the oracle with the examples in the contract. We trust the oracle because it can be read, and because of these. */
const percent: Story['terms'] = { kind: 'percent', rate: '100', exchangeRate: '1' };
const play = (tellings: Partial<Telling>[], more: Partial<Story> = {}) =>
  tell({
    repeat: 'once',
    terms: percent,
    defaultCurrency: 'USD',
    tellings: tellings.map((one) => ({ via: 'postback', status: 'approved', ...one })),
    ...more,
  });
const answers = (tellings: Partial<Telling>[], more?: Partial<Story>) =>
  play(tellings, more).map(({ answer }) => (answer.kind === 'held' ? answer.code : answer.kind));
const points = (tellings: Partial<Telling>[], more?: Partial<Story>) =>
  play(tellings, more).map(({ conversions }) => conversions.reduce((sum, one) => sum + Number(one.points), 0));

const T1 = { transaction: 'T1', amount: '5.00' };
const T2 = { transaction: 'T2', amount: '7.00' };
const reversed = { status: 'reversed' } as const;
const pending = { status: 'pending' } as const;
const rejected = { status: 'rejected' } as const;
const perTransaction = { repeat: 'per_transaction' } as const;

describe('the oracle says what the contract says', () => {
  it.each<[string, Partial<Telling>[], string[], number[], Partial<Story>?]>([
    ['the same twice is one postback', [T1, T1], ['accepted', 'duplicate'], [5, 5]],
    ['another amount, another transaction', [T1, { ...T1, amount: '7' }, T2], ['accepted', 'conflict', 'conflict'], [5, 5, 5]],
    ['a generated id never conflicts', [T1, { amount: '5' }], ['accepted', 'duplicate'], [5, 5]],
    ['a pending does not bind its approval', [{ ...pending, ...T1 }, T2], ['accepted', 'accepted'], [0, 7]],
    ['after a take-back the same pays nothing', [T1, reversed, T1, T2], ['accepted', 'accepted', 'duplicate', 'accepted'], [5, 0, 0, 7]],
    [
      'another reason, another amount',
      [T1, reversed, { ...T1, reason: 'x' }, { ...T1, amount: '7' }],
      ['accepted', 'accepted', 'reapproval', 'reapproval'],
      [5, 0, 0, 0],
    ],
    ['a person may say so', [T1, reversed, { ...T1, via: 'hand' }, T1], ['accepted', 'accepted', 'accepted', 'duplicate'], [5, 0, 5, 5]],
    ['after a rejection of what was never paid', [rejected, T1], ['accepted', 'accepted'], [0, 5]],
    [
      'a take-back of a held transaction',
      [T1, T2, { ...reversed, transaction: 'T2' }, T2],
      ['accepted', 'conflict', 'accepted', 'duplicate'],
      [5, 5, 5, 5],
    ],
    [
      'a part of what is only held',
      [T1, T2, { ...reversed, transaction: 'T2', amount: '3' }],
      ['accepted', 'conflict', 'conflict'],
      [5, 5, 5],
    ],
    [
      'two refunds with ids of their own',
      [T1, { ...reversed, transaction: 'R1', amount: '2' }, { ...reversed, transaction: 'R2', amount: '2' }],
      ['accepted', 'accepted', 'accepted'],
      [5, 3, 1],
    ],
    [
      'a second take-back under the same ids',
      [
        T1,
        { ...reversed, transaction: 'R1', amount: '2' },
        { ...reversed, transaction: 'R1', amount: '3' },
        { ...reversed, transaction: 'R1' },
      ],
      ['accepted', 'accepted', 'conflict', 'accepted'],
      [5, 3, 3, 0],
    ],
    [
      'without ids the same amount again',
      [T1, { ...reversed, amount: '2' }, { ...reversed, amount: '2' }],
      ['accepted', 'accepted', 'duplicate'],
      [5, 3, 3],
    ],
    ['R and R of the whole amount', [T1, reversed, { ...reversed, amount: '5' }], ['accepted', 'accepted', 'duplicate'], [5, 0, 0]],
    ['a reversal that came first', [{ ...reversed, transaction: 'R1' }, T1], ['accepted', 'accepted'], [0, 0]],
    ['a part that came first', [{ ...reversed, amount: '2' }, T1], ['accepted', 'accepted'], [0, 3]],
    [
      'an original not known yet',
      [T1, { ...reversed, original: 'T2' }, reversed, T2],
      ['accepted', 'accepted', 'accepted', 'accepted'],
      [5, 5, 0, 0],
    ],
    [
      'a reversal of a pending, confirmed by a person',
      [{ ...pending, ...T1 }, reversed, { ...T1, via: 'hand' }],
      ['accepted', 'accepted', 'accepted'],
      [0, 0, 0],
    ],
    ['an early take-back set aside', [reversed, { ...rejected, via: 'hand' }, T1], ['accepted', 'accepted', 'accepted'], [0, 0, 5]],
    [
      'one that comes when nothing is left',
      [T1, reversed, { ...reversed, transaction: 'R1' }, T2],
      ['accepted', 'accepted', 'accepted', 'accepted'],
      [5, 0, 0, 7],
    ],
    [
      "a take-back's own id",
      [T1, { ...reversed, transaction: 'R1' }, { transaction: 'R1', amount: '7' }],
      ['accepted', 'accepted', 'reapproval'],
      [5, 0, 0],
    ],
    [
      'a server call after one without id was taken back',
      [{ amount: '5' }, reversed, T1],
      ['accepted', 'accepted', 'duplicate'],
      [5, 0, 0],
    ],
    [
      'while a part of one stands',
      [T1, { ...reversed, amount: '2' }, T2, rejected],
      ['accepted', 'accepted', 'conflict', 'accepted'],
      [5, 3, 3, 0],
    ],
    ['a person approving while another stands', [T1, T2, { ...T2, via: 'hand' }], ['accepted', 'conflict', 'conflict'], [5, 5, 5]],
    [
      'each transaction converts',
      [T1, T2, { ...reversed, transaction: 'T1' }],
      ['accepted', 'accepted', 'accepted'],
      [5, 12, 7],
      perTransaction,
    ],
    ['several conversions', [T1, T2, reversed], ['accepted', 'accepted', 'several_conversions'], [5, 12, 12], perTransaction],
    [
      'one that came first for its transaction',
      [{ ...reversed, transaction: 'T1' }, T2, T1],
      ['accepted', 'accepted', 'accepted'],
      [0, 7, 7],
      perTransaction,
    ],
    ["the click's only conversion, be it for a goal", [{ ...T1, event: 'goal' }, reversed], ['accepted', 'accepted'], [5, 0]],
    [
      'the first currency that comes with an amount',
      [
        { ...pending, transaction: 'T1' },
        { ...T1, currency: 'EUR' },
      ],
      ['accepted', 'accepted'],
      [0, 5],
    ],
    ["adgate's rejected before its original", [{ ...rejected, chargeback: true }, T1], ['accepted', 'accepted'], [0, 0]],
  ])('%s', (...[, tellings, said, paid, more]) => {
    expect(answers(tellings, more)).toEqual(said);
    expect(points(tellings, more)).toEqual(paid);
  });

  it.each([
    ['percent', '15', '47.33', '7.10'],
    ['percent', '7.5', '23.45', '1.76'],
    ['percent', '5', '90.01', '4.50'],
    ['percent', '80', '3.50', '2.80'],
    ['fixed', '4.00', '5.00', '4.00'],
  ] as const)('%s %s of %s is %s', (kind, rate, amount, payout) => {
    const told = play([{ ...T1, amount }], { terms: { kind, rate, exchangeRate: '1' } });
    expect(told.at(-1)?.conversions[0]?.payout).toBe(payout);
  });

  it('ends at exactly 0 when the parts add up', () => {
    const parts = ['2.50', '2.40', '0.10'].map((amount, index) => ({ ...reversed, transaction: `R${index}`, amount }));
    const told = play([T1, ...parts], { terms: { kind: 'fixed', rate: '4.00', exchangeRate: '1000' } });
    expect(told.map(({ conversions }) => conversions[0]?.points)).toEqual(['4000.00', '2000.00', '80.00', '0.00']);
    expect(told.at(-1)?.conversions[0]?.status).toBe('reversed');
  });
});
