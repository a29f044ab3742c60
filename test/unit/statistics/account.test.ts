import { describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import fc from 'fast-check';
import { type Movement, movementOf, statementLines, sumBalances, sumMovements } from '../../../functions/domain/statistics/account.ts';

const units = (value: number): Big => new Big(value).times('0.001');
const moved = fc.record({ earned: fc.nat(999_999).map(units), takenBack: fc.nat(999_999).map((value) => units(-value)) });
const movement = fc.record({ offer: fc.constantFrom('o1', 'o2'), currency: fc.constantFrom('USD', 'KWD'), payout: moved, points: moved });
const movements = fc.array(movement, { maxLength: 20 });
const worth = (all: readonly Movement[], currency: string): string =>
  all
    .filter((one) => one.currency === currency)
    .reduce((sum, { payout }) => sum.plus(payout.earned).plus(payout.takenBack), new Big(0))
    .toFixed();

describe('a statement', () => {
  test('adds up: the opening balance with what was earned and taken back gives the closing balance', () => {
    fc.assert(
      fc.property(movements, movements, (before, during) => {
        const lines = statementLines(sumMovements(before), sumMovements(during));
        for (const { payout, points } of lines)
          for (const { opening, earned, takenBack, closing } of [payout, points])
            expect(closing.toFixed()).toBe(opening.plus(earned).plus(takenBack).toFixed());
        for (const currency of ['USD', 'KWD']) {
          const total = sumBalances(lines.filter((line) => line.currency === currency).map(({ payout }) => payout));
          expect(total.opening.toFixed()).toBe(worth(before, currency));
          expect(total.closing.toFixed()).toBe(worth([...before, ...during], currency));
        }
      }),
    );
  });

  test('contains earlier balances that did not change, and nothing that is zero', () => {
    const some = { earned: new Big(5), takenBack: new Big(-2) };
    const none = { earned: new Big(0), takenBack: new Big(0) };
    const before = [{ offer: 'old', currency: 'USD', payout: some, points: some }];
    const lines = statementLines(before, sumMovements([{ offer: 'never', currency: 'USD', payout: none, points: none }]));
    expect(lines.map(({ offer, payout }) => [offer, payout.opening.toFixed(), payout.closing.toFixed()])).toEqual([['old', '3', '3']]);
  });

  test('counts what was earned and what was taken back separately, even if they cancel out', () => {
    const counts = new Map([
      ['earned', new Big('7.10')],
      ['taken_back', new Big('-7.10')],
    ] as const);
    const one = movementOf({ at: 0, publisher: 'p', partner: 'a', offer: 'o', currency: 'USD', counts });
    const [line] = statementLines([], sumMovements([one]));
    expect([line?.payout.earned.toFixed(), line?.payout.takenBack.toFixed(), line?.payout.closing.toFixed()]).toEqual(['7.1', '-7.1', '0']);
  });
});
