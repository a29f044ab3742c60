import { describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import fc from 'fast-check';
import { type Conversion, type Statement, shownStatus, stepsOf } from '../../../functions/domain/conversion.ts';
import { decide, type Saying } from '../../../functions/domain/conversions/decide.ts';
import { withStatements } from '../../../functions/domain/receiving/new-conversion.ts';
import { expectedWorth } from '../../../functions/domain/reconciling/expected-worth.ts';
import { releaseDue } from '../../../functions/domain/settling/release.ts';
import { settled, share, tell } from './stories.ts';

const blank = tell([]).conversion;
const at = '2026-11-01T00:00:00.000Z';
const due = '2026-11-02T00:00:00.000Z';
const approved: Saying = { status: 'approved', amount: new Big(10), transaction_id: 'T1' };
const reversed: Saying = { status: 'reversed', transaction_id: 'T1' };
const part: Saying = { status: 'reversed', amount: new Big(4), transaction_id: 'T1' };

/** Tells the statement; an approval waits until the next day. */
function say(conversion: Conversion, saying: Saying, until: string | 'at once' = due): { conversion: Conversion; result: string } {
  const decision = decide(conversion.statements, saying, 'USD');
  if (decision.kind === 'duplicate' && !decision.remember) return { conversion, result: 'duplicate' };
  const { hold: _hold, byHand: _byHand, ...said } = saying;
  const waits = decision.kind === 'accepted' && saying.status === 'approved' && until !== 'at once' ? { release_at: until } : {};
  const code = decision.kind === 'held' ? { code: decision.code } : {};
  const statement: Statement = { ...said, ...waits, ...code, verdict: decision.kind, log_id: `LOG${conversion.revision}`, at };
  return { conversion: withStatements(conversion, [...conversion.statements, statement]), result: decision.kind };
}

const saidAll = (sayings: readonly Saying[]) => sayings.reduce((conversion, saying) => say(conversion, saying).conversion, blank);
const release = (conversion: Conversion, now = due) => releaseDue(conversion, now)?.conversion ?? conversion;
const told = (conversion: Conversion) =>
  stepsOf(conversion).flatMap((step, index) => {
    const { payout, sequence } = conversion.settlements[index] ?? {};
    return sequence === undefined ? [] : [`${shownStatus(step)} ${payout?.toFixed(2)}`];
  });

describe('an approval in its hold period', () => {
  test('is pending and worth nothing, and the publisher is notified of what it would earn', () => {
    const waiting = settled(saidAll([approved]), share('80'));
    expect(waiting).toMatchObject({ status: 'pending', release_at: due });
    expect(waiting.credited.points.toFixed()).toBe('0');
    expect(told(waiting)).toEqual(['pending 8.00']);
  });

  test('is not released a moment early, and is approved and paid once its time has come', () => {
    const waiting = settled(saidAll([approved]), share('80'));
    expect(releaseDue(waiting, '2026-11-01T23:59:59.999Z')).toBeUndefined();
    const paid = settled(release(waiting), share('80'));
    expect(paid).toMatchObject({ status: 'approved', release_at: undefined });
    expect(paid.credited.points.toFixed()).toBe('8');
    expect(told(paid)).toEqual(['pending 8.00', 'approved 8.00']);
  });

  test('is released once, however often that is tried', () => {
    const paid = release(saidAll([approved]));
    expect(releaseDue(paid, '2027-01-01T00:00:00.000Z')).toBeUndefined();
  });

  test('leaves nothing to pay if it is reversed before', () => {
    const gone = settled(release(settled(saidAll([approved, reversed]), share('80'))), share('80'));
    expect(gone).toMatchObject({ status: 'reversed', release_at: undefined });
    expect(gone.credited.points.toFixed()).toBe('0');
    expect(gone.statements.some(({ releases }) => releases)).toBe(false);
  });

  test('is paid what a partial reversal has left', () => {
    const waiting = settled(saidAll([approved, part]), share('80'));
    expect(waiting.status).toBe('pending');
    expect(waiting.credited.points.toFixed()).toBe('0');
    const paid = settled(release(waiting), share('80'));
    expect(paid.credited.points.toFixed()).toBe('4.8');
  });

  test('treats duplicates, conflicts and take-backs as if it were paid', () => {
    const waiting = saidAll([approved]);
    expect(say(waiting, approved).result).toBe('duplicate');
    expect(say(waiting, { ...approved, amount: new Big(11) }).result).toBe('held');
    expect(say(waiting, { ...approved, transaction_id: 'T2' }).result).toBe('held');
    expect(say(release(waiting), approved).result).toBe('duplicate');
    expect(settled(say(release(waiting), reversed).conversion, share('80')).credited.points.toFixed()).toBe('0');
  });

  test('ends as without a hold period whatever is said and whenever its time comes, and the reconciler agrees at every step', () => {
    const ids = fc.constantFrom(undefined, 'T1', 'T2');
    const paid = fc.constantFrom(new Big(10), new Big(4));
    const amount = fc.option(paid, { nil: undefined });
    const saying: fc.Arbitrary<Saying> = fc.oneof(
      fc.record({ status: fc.constant('approved' as const), amount: paid, transaction_id: ids }),
      fc.record({ status: fc.constant('pending' as const), amount, transaction_id: ids }),
      fc.record({ status: fc.constant('reversed' as const), amount, transaction_id: ids }),
      fc.record({ status: fc.constant('rejected' as const), amount, transaction_id: ids }),
    );
    // A paid conversion is approved once more, with the transaction that an earlier take-back was about.
    const paidUnderItsName: [Saying, boolean, boolean][] = [
      [{ status: 'reversed', amount: new Big(4) }, false, false],
      [{ status: 'pending', transaction_id: 'T1' }, false, false],
      [{ status: 'approved', amount: new Big(10) }, false, false],
      [{ status: 'reversed', amount: new Big(4), transaction_id: 'T1' }, true, false],
      [{ status: 'approved', amount: new Big(10), transaction_id: 'T1' }, false, true],
    ];
    fc.assert(
      fc.property(fc.array(fc.tuple(saying, fc.boolean(), fc.boolean()), { maxLength: 7 }), (story) => {
        let [plain, held] = [blank, blank];
        for (const [said, comes, settles] of story) {
          const [a, b] = [say(plain, said, 'at once'), say(held, said)];
          expect(b.result).toBe(a.result);
          plain = settled(a.conversion, share('80'));
          held = comes ? release(b.conversion) : b.conversion;
          if (settles) held = settled(held, share('80'));
          if (!settles) continue;
          const waits = held.release_at !== undefined;
          expect(held.credited.points.toFixed()).toBe(waits ? '0' : plain.credited.points.toFixed());
          const known = expectedWorth(plain)?.points.toFixed() === plain.credited.points.toFixed();
          if (known) expect(expectedWorth(held)?.points.toFixed()).toBe(held.credited.points.toFixed());
        }
        held = settled(release(settled(held, share('80'))), share('80'));
        expect(held.credited.points.toFixed()).toBe(plain.credited.points.toFixed());
        expect(held.status).toBe(plain.status);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 1_000), examples: [[paidUnderItsName]] },
    );
  });
});

describe('an approval that a rule rejects', () => {
  const ruledOut = (): Conversion => {
    const statement: Statement = { ...approved, rule_id: 'R', verdict: 'accepted', log_id: 'LOG0', at };
    return withStatements(blank, [statement]);
  };

  test('is visibly rejected, and pays nothing', () => {
    const rejected = settled(ruledOut(), share('80'));
    expect(rejected.status).toBe('rejected');
    expect(rejected.credited.points.toFixed()).toBe('0');
    expect(told(rejected)).toEqual(['rejected 0.00']);
    expect(expectedWorth(rejected)?.points.toFixed()).toBe('0');
  });

  test('is a duplicate when it comes again, and another transaction is approved', () => {
    expect(say(ruledOut(), approved).result).toBe('duplicate');
    const other = say(ruledOut(), { ...approved, transaction_id: 'T2' }, 'at once');
    expect(other.result).toBe('accepted');
    const paid = settled(other.conversion, share('80'));
    expect(paid.credited.points.toFixed()).toBe('8');
    expect(expectedWorth(paid)?.points.toFixed()).toBe('8');
  });

  test('is not taken back by its reversal, which nets with nothing later', () => {
    const after = say(say(ruledOut(), reversed).conversion, { ...approved, transaction_id: 'T2' }, 'at once').conversion;
    expect(settled(after, share('80')).credited.points.toFixed()).toBe('8');
  });
});
