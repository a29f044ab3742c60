import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { budgets, rowBytes } from '../../../functions/domain/byte-budget.ts';
import { type ClickWorld, worldOf } from '../../laws/click-world.ts';
import type { Telling } from '../../laws/oracle.ts';

/** Contract 1.7: no row grows larger than the store accepts, whatever is sent and however often. */

const largestRow = 400 * 1_024;
const world = () => worldOf({ repeat: 'once', terms: { kind: 'fixed', rate: '4.00', exchangeRate: '1' }, defaultCurrency: 'USD' });
const bytes = (of: ClickWorld) => Math.max(...of.conversions().map(rowBytes));

const text = fc.constantFrom('x', '😀'.repeat(2_000), 'ä'.repeat(300), 'half \ud800', 'x'.repeat(2_048));
const telling: fc.Arbitrary<Telling> = fc.record(
  {
    via: fc.constant('postback' as const),
    status: fc.constantFrom('approved' as const, 'pending' as const, 'rejected' as const, 'reversed' as const),
    amount: fc.integer({ min: 1, max: 999_999 }).map((cents) => (cents / 100).toFixed(2)),
    transaction: fc.tuple(fc.nat(400), text).map(([one, long]) => `${one}${long}`),
    original: text,
    reason: text,
  },
  { requiredKeys: ['via', 'status', 'amount'] },
);

/** A person reverses it and it is settled, so that nothing is left. */
async function expectUsable(of: ClickWorld, logId: string): Promise<void> {
  await of.settle();
  await of.decide({ via: 'hand', status: 'approved', amount: '5.00' }, `${logId}A`);
  await of.decide({ via: 'hand', status: 'reversed' }, `${logId}R`);
  await of.settle();
  expect(of.conversions().map(({ credited }) => credited.points.toFixed(2))).toEqual(of.conversions().map(() => '0.00'));
  expect(bytes(of)).toBeLessThan(largestRow);
}

describe('however much is said of a conversion', () => {
  test('it can be read, reversed and settled after up to 300 postbacks with any texts, and its row has room', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(telling, { minLength: 250, maxLength: 300 }), async (told) => {
        const of = world();
        for (const [index, one] of told.entries()) await of.receive(one, `L${index}`);
        await expectUsable(of, 'HAND');
      }),
      { numRuns: 2, seed: 1 },
    );
  }, 120_000);

  test('what would make its row too large is held as too many changes, and a person can still decide', async () => {
    const of = world();
    const codes = new Set<string>();
    for (let index = 0; index < 900 && !codes.has('too_many_changes'); index += 1) {
      const transaction = `${index} ${'x'.repeat(110)}`;
      const answer = await of.receive(
        { via: 'postback', status: 'approved', amount: '5.00', transaction, reason: '😀'.repeat(900) },
        `L${index}`,
      );
      codes.add(answer.kind === 'held' ? answer.code : answer.kind);
    }
    expect([...codes]).toEqual(['accepted', 'conflict', 'too_many_changes']);
    expect(bytes(of)).toBeGreaterThan(budgets.fullRow);
    await expectUsable(of, 'HAND');
  }, 120_000);
});
