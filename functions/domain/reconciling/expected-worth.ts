import Big from 'big.js';
import type { Conversion, Credited, Step } from '../conversion.ts';
import { stepsOf } from '../conversion.ts';
import { minorUnits } from '../postback/currency.ts';
import type { Terms } from '../revenue-share.ts';

const none: Credited = { upward: new Big(0), payout: new Big(0), points: new Big(0) };

/**
 * What a conversion should be worth by contract 1.5 and 2, computed independently: nothing is shared with the functions that settled it, so
 * that a fault in them does not hide itself. For a story about one payment it computes what is left of it. For one about several it takes
 * from the settlements which payment a take-back is about, and computes what that is worth.
 *
 * @returns `undefined` when it cannot be computed: the terms are a percentage, and nobody named an amount.
 */
export function expectedWorth({ statements, terms, settlements, credited }: Conversion): Credited | undefined {
  const settled = stepsOf({ statements }).slice(0, settlements.length);
  // An approval that a rule has rejected does not count, and the end of a hold period says nothing new.
  const steps = settled.filter(({ releases, rule_id }) => !releases && rule_id === undefined);
  const approvals = steps.filter(({ status }) => status === 'approved');
  const approval = approvals.at(-1);
  if (terms === undefined || approval === undefined) return none;
  if (isWaiting(approval, settled) && !namesWhatIsPaid(approval, settled, settlements)) return none;
  if (terms.rule === 'percent' && approval.amount === undefined) return undefined;
  const amount = approval.amount ?? new Big(0);
  const left =
    approvals.length === 1 && isAboutOnePayment(approval, statements, steps)
      ? leftOf(amount, approval, steps, statements)
      : credited.upward;
  const nothing = left.lte(0) && (amount.gt(0) || credited.payout.eq(0));
  return nothing ? none : worthOf(left.gt(amount) ? amount : left, amount, terms);
}

function worthOf(left: Big, amount: Big, terms: Terms): Credited {
  const exact = terms.rule === 'fixed' ? terms.value : amount.times(terms.value).div(100);
  // Calculates in whole multiples of a far smaller unit, so that no digit is lost that decides a rounding.
  const scale = new Big(10).pow(40);
  const share = left.eq(amount) ? exact : new Big(exact.times(left).times(scale).div(amount).round(0, Big.roundDown)).div(scale);
  const payout = share.round(minorUnits(terms.currency), Big.roundHalfEven);
  return { upward: left, payout, points: payout.times(terms.exchangeRate).round(2, Big.roundHalfEven) };
}

/** What take-backs leave of the only payment, whenever they came; a rejection takes everything that is there when it comes. */
function leftOf(amount: Big, approval: Step, steps: readonly Step[], statements: Conversion['statements']): Big {
  const waiting = statements.filter(
    ({ verdict, code, status }) => verdict === 'held' && status === 'reversed' && (code === 'outside_window' || code === 'unknown_event'),
  );
  const after = steps.slice(steps.indexOf(approval) + 1);
  const takes = [...steps, ...waiting].filter(
    (one) =>
      !one.moved &&
      (one.status === 'reversed' || (one.status === 'rejected' && (one.chargeback === true || after.some((step) => step === one)))),
  );
  if (takes.some((take) => (take.status === 'rejected' && !take.chargeback) || take.amount === undefined || take.amount.lte(0)))
    return new Big(0);
  return takes.reduce((left, take) => left.minus(take.amount ?? 0), amount);
}

/** Whether nobody named a second payment, nor decided by hand about an early take-back. */
function isAboutOnePayment(approval: Step, statements: Conversion['statements'], steps: readonly Step[]): boolean {
  const paid = statements.filter(({ status, chargeback }) => status !== 'reversed' && !chargeback);
  const payments = new Set(paid.flatMap(({ transaction_id }) => transaction_id ?? []));
  const originals = statements.flatMap(({ original_transaction_id }) => original_transaction_id ?? []);
  const byHand = steps.some(({ status, by }) => by !== undefined && status === 'rejected');
  // A held statement that names a transaction may be about another payment than an approval without one.
  const other = paid.some(({ verdict, transaction_id }) => (verdict === 'held' || verdict === 'closed') && transaction_id !== undefined);
  return payments.size <= 1 && originals.every((id) => payments.has(id)) && !byHand && (approval.transaction_id !== undefined || !other);
}

/** An approval that comes while another is paid only gives that payment its name, and begins no hold period (contract 1.5, 2.1). */
function namesWhatIsPaid(approval: Step, settled: readonly Step[], settlements: Conversion['settlements']): boolean {
  const waits = ({ status, release_at, releases }: Step): boolean =>
    status === 'pending' || (status === 'approved' && release_at !== undefined && !releases);
  const before = settled.slice(0, settled.indexOf(approval));
  const paid = before.reduce((sum, step, index) => (waits(step) ? sum : sum.plus(settlements[index]?.payout ?? 0)), new Big(0));
  return approval.by === undefined && paid.gt(0);
}

/** In its hold period an approval is worth nothing, and only a person may end the period early. */
function isWaiting({ release_at, log_id, transaction_id }: Step, settled: readonly Step[]): boolean {
  if (release_at === undefined) return false;
  const from = settled.findIndex((step) => step.log_id === log_id);
  const ends = ({ releases, by, at, ...release }: Step): boolean =>
    releases === true && release.transaction_id === transaction_id && (by !== undefined || at >= release_at);
  return !settled.slice(from + 1).some(ends);
}
