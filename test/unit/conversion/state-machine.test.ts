import { describe, expect, test } from '@jest/globals';
import { balanceAfter, share, type Told, tell } from './stories.ts';

const A: Told = { status: 'approved', amount: '10.00', transaction: 'T1' };
const P: Told = { status: 'pending', amount: '10.00', transaction: 'T1' };
const J: Told = { status: 'rejected', amount: '0', transaction: 'T1' };
const R: Told = { status: 'reversed', amount: '10.00', transaction: 'T1' };

describe('a conversion moves as contract 1.5 says', () => {
  test.each<[string, Told[], string[], string]>([
    ['approved', [A], ['accepted'], '8'],
    ['pending, then approved', [P, A], ['accepted', 'accepted'], '8'],
    ['pending, then rejected', [P, J], ['accepted', 'accepted'], '0'],
    ['approved, then rejected', [A, J], ['accepted', 'accepted'], '0'],
    ['approved, then reversed', [A, R], ['accepted', 'accepted'], '0'],
    ['rejected, then approved', [J, A], ['accepted', 'accepted'], '8'],
    ['the same approval again is a duplicate', [A, A], ['accepted', 'duplicate'], '8'],
    ['the same approval after its reversal is a duplicate', [A, R, A], ['accepted', 'accepted', 'duplicate'], '0'],
    ['a re-approval differs: a new transaction', [A, R, { ...A, transaction: 'T2' }], ['accepted', 'accepted', 'accepted'], '8'],
    ['a re-approval differs: a reason', [A, R, { ...A, reason: 'appeal' }], ['accepted', 'accepted', 'accepted'], '8'],
    ['another amount is a conflict', [A, { ...A, amount: '12.00' }], ['accepted', 'held conflict'], '8'],
    ['another transaction is a conflict', [A, { ...A, transaction: 'T2' }], ['accepted', 'held conflict'], '8'],
    ['another currency is a conflict', [A, { ...A, currency: 'EUR' }], ['accepted', 'held conflict'], '8'],
    ['a generated transaction never conflicts', [A, { status: 'approved', amount: '10.00' }], ['accepted', 'duplicate'], '8'],
    ['the same amount written otherwise is the same amount', [A, { ...A, amount: '10' }], ['accepted', 'duplicate'], '8'],
    ['a pending after the approval is a conflict', [A, P], ['accepted', 'held conflict'], '8'],
    ['a reversal may carry a transaction of its own', [A, { ...R, transaction: 'R-1' }], ['accepted', 'accepted'], '0'],
    ['a reversal without an amount takes everything back', [A, { status: 'reversed' }], ['accepted', 'accepted'], '0'],
    ['a smaller reversal takes back its part', [A, { ...R, amount: '4.00' }], ['accepted', 'accepted'], '4.8'],
    ['a larger reversal takes back what was credited', [A, { ...R, amount: '40.00' }], ['accepted', 'accepted'], '0'],
    [
      'a second reversal of the same amount is a duplicate',
      [A, R, { ...R, transaction: 'R-2' }],
      ['accepted', 'accepted', 'duplicate'],
      '0',
    ],
    [
      'a second reversal of another amount is a conflict',
      [A, { ...R, amount: '4.00' }, { ...R, amount: '5.00' }],
      ['accepted', 'accepted', 'held conflict'],
      '4.8',
    ],
    ['a reversal first, then its original: nothing is left', [R, A], ['accepted', 'accepted'], '0'],
    ['a partial reversal first leaves the rest', [{ ...R, amount: '4.00' }, A], ['accepted', 'accepted'], '4.8'],
    ['a reversal while pending counts once the original comes', [P, R, A], ['accepted', 'held conflict', 'accepted'], '0'],
    [
      'after a reversal came first, a second approval is a re-approval',
      [R, A, { ...A, transaction: 'T2' }],
      ['accepted', 'accepted', 'accepted'],
      '8',
    ],
  ])('%s', (_rule, story, results, balance) => {
    expect(tell(story).results).toEqual(results);
    expect(balanceAfter(story, share('80'))).toBe(balance);
  });

  test('a loop between two systems ends with a person', () => {
    const story = Array.from({ length: 250 }, (_, index): Told => ({ ...(index % 2 === 0 ? A : R), transaction: `T${index}` }));
    expect(tell(story).results.slice(0, 200)).not.toContain('held conflict');
    expect(tell(story).results[200]).toBe('held conflict');
    expect(tell(story).conversion?.steps.length).toBe(200);
  });
});
