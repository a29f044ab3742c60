import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { balanceAfter, fixed, share, type Told, tell } from './stories.ts';

const amount = fc.integer({ min: 1, max: 999_999 }).map((cents) => (cents / 100).toFixed(2));
const terms = fc.oneof(
  fc.integer({ min: 1, max: 10_000 }).map((hundredths) => share((hundredths / 100).toFixed(2))),
  amount.map((payout) => fixed(payout)),
);

describe('order, repetition and splitting never change a balance', () => {
  test('pending, approval and reversal end in the same balance in every order, however often each is repeated', () => {
    const set = fc
      .tuple(amount, fc.boolean(), fc.boolean())
      .map(([paid, withPending, withReversal]): Told[] => [
        { status: 'approved', amount: paid, transaction: 'T' },
        ...(withPending ? [{ status: 'pending', amount: paid, transaction: 'T' } as const] : []),
        ...(withReversal ? [{ status: 'reversed', amount: paid, transaction: 'T' } as const] : []),
      ]);
    const shuffled = set.chain((told) =>
      fc.tuple(
        fc.constant(told),
        fc
          .array(fc.constantFrom(...told), { maxLength: 6 })
          .chain((more) => fc.shuffledSubarray([...told, ...more], { minLength: told.length + more.length })),
      ),
    );
    fc.assert(
      fc.property(shuffled, terms, fc.integer({ min: 1, max: 5 }), ([told, story], rule, every) => {
        const once = balanceAfter(told, rule);
        expect(balanceAfter(story, rule, every)).toBe(once);
      }),
    );
  });

  test('a partial reversal takes back the same before and after its original', () => {
    fc.assert(
      fc.property(amount, amount, terms, (paid, part, rule) => {
        const approved: Told = { status: 'approved', amount: paid, transaction: 'T' };
        const reversed: Told = { status: 'reversed', amount: part, transaction: 'T' };
        expect(balanceAfter([reversed, approved], rule)).toBe(balanceAfter([approved, reversed], rule));
      }),
    );
  });

  // There are few amounts and few transactions, so that they collide.
  const anyTold = fc.record(
    {
      status: fc.constantFrom('pending', 'approved', 'rejected', 'reversed'),
      amount: fc.constantFrom('1.00', '2.50', '5.00'),
      transaction: fc.constantFrom('T1', 'T2', 'R1'),
    },
    { requiredKeys: ['status'] },
  ) as fc.Arbitrary<Told>;

  test('any story settles to the same balance however it is split into settlements', () => {
    fc.assert(
      fc.property(fc.array(anyTold, { maxLength: 20 }), terms, fc.integer({ min: 1, max: 7 }), (story, rule, every) => {
        expect(balanceAfter(story, rule, every)).toBe(balanceAfter(story, rule, 1));
      }),
    );
  });

  test('a story told twice changes nothing', () => {
    fc.assert(
      fc.property(fc.array(anyTold, { maxLength: 12 }), terms, (story, rule) => {
        const { results } = tell([...story, ...story]);
        const again = results.slice(story.length);
        expect(balanceAfter([...story, ...story], rule)).toBe(balanceAfter(story, rule));
        expect(again).toEqual(story.map(() => 'duplicate'));
      }),
    );
  });

  test('no story credits more than its largest approval, and none leaves less than nothing', () => {
    fc.assert(
      fc.property(fc.array(anyTold, { maxLength: 20 }), (story) => {
        const balance = Number(balanceAfter(story, share('100')));
        const largest = Math.max(0, ...story.filter(({ status }) => status === 'approved').map(({ amount = 0 }) => Number(amount)));
        expect(balance).toBeGreaterThanOrEqual(0);
        expect(balance).toBeLessThanOrEqual(largest);
      }),
    );
  });
});
