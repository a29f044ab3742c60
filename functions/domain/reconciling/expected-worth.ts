import Big from 'big.js';
import type { Conversion, Credited, Step } from '../conversion.ts';
import { stepsOf } from '../conversion.ts';
import { minorUnits } from '../postback/currency.ts';

const none: Credited = { upward: new Big(0), payout: new Big(0), points: new Big(0) };

/**
 * What a conversion should be worth, by the rule of contract 1.5 and 2 in words of its own: nothing is shared with the functions that
 * settled it, so that a fault of theirs does not hide itself. It starts from the last approval and asks which take-backs are its.
 *
 * @returns `undefined` when that is not a matter of calculation: the terms are a percentage of an amount that nobody named.
 */
export function expectedWorth({ statements, terms, settlements }: Conversion): Credited | undefined {
  const settled = stepsOf({ statements }).slice(0, settlements.length);
  // What a rule has rejected is no approval, and the end of a hold period says nothing new.
  const steps = settled.filter(({ releases, rule_id }) => !releases && rule_id === undefined);
  const last = steps.findLastIndex(({ status }) => status === 'approved');
  const approval = steps[last];
  if (terms === undefined || approval === undefined) return none;
  const amount = approval.amount ?? new Big(0);
  if (isWaiting(approval, settled)) return none;
  if (terms.rule === 'percent' && approval.amount === undefined) return undefined;

  const firstApproval = steps.findIndex(({ status }) => status === 'approved');
  const firstOfIts = steps.findIndex(({ status, transaction_id }) => status === 'approved' && transaction_id === approval.transaction_id);
  const waiting = statements.filter(
    ({ verdict, code, status }) => verdict === 'held' && status === 'reversed' && (code === 'outside_window' || code === 'unknown_event'),
  );
  const position = (step: Pick<Step, 'log_id'>): number => statements.findIndex(({ log_id }) => log_id === step.log_id);
  let left: Big | undefined;
  for (const take of [...steps, ...waiting]) {
    const rejection = take.status === 'rejected' && !take.chargeback;
    if ((take.status !== 'reversed' && take.status !== 'rejected') || take.moved) continue;
    const after = position(take) > position(approval);
    const about = aboutOther(take, approval, steps, statements.slice(0, position(take)));
    const counts = after
      ? about !== 'other'
      : !rejection && (about === 'its' ? last === firstOfIts : about === 'none' && last === firstApproval);
    if (!counts || isForgotten(take, approval, steps)) continue;
    const whole = left ?? amount;
    const part = take.amount;
    if (rejection || part === undefined || part.lte(0) || part.gte(whole)) return none;
    left = whole.minus(part);
  }
  const exact = terms.rule === 'fixed' ? terms.value : amount.times(terms.value).div(100);
  const minor = minorUnits(terms.currency);
  const scale = new Big(10).pow(40);
  const share = left === undefined ? exact : new Big(exact.times(left).times(scale).div(amount).round(0, Big.roundDown)).div(scale);
  const payout = share.round(minor, Big.roundHalfEven);
  return { upward: left ?? amount, payout, points: payout.times(terms.exchangeRate).round(2, Big.roundHalfEven) };
}

/** In its hold period an approval is worth nothing, and only a person may end it early. */
function isWaiting({ release_at, log_id, transaction_id }: Step, settled: readonly Step[]): boolean {
  if (release_at === undefined) return false;
  const from = settled.findIndex((step) => step.log_id === log_id);
  const ends = ({ releases, by, at, ...release }: Step): boolean =>
    releases === true && release.transaction_id === transaction_id && (by !== undefined || at >= release_at);
  return !settled.slice(from + 1).some(ends);
}

/** Whether a take-back names the approval's transaction, another one that is known, or none that is. */
function aboutOther(
  take: Step | Conversion['statements'][number],
  approval: Step,
  steps: readonly Step[],
  before: Conversion['statements'],
): 'its' | 'other' | 'none' {
  const named = take.original_transaction_id ?? take.transaction_id;
  if (named === undefined) return 'none';
  const known = before.some((one) => one.transaction_id === named && one.status !== 'reversed' && !one.chargeback);
  if (!known && take.original_transaction_id === undefined) return 'none';
  const repeated =
    steps.length > 0 &&
    before.some((one) => one.verdict === 'duplicate' && one.transaction_id === named) &&
    approval.transaction_id === undefined;
  return named === approval.transaction_id || repeated ? 'its' : 'other';
}

/** A person who rejects what was never approved sets aside what came early. */
function isForgotten(take: { readonly log_id: string }, approval: Step, steps: readonly Step[]): boolean {
  const from = steps.findIndex(({ log_id }) => log_id === take.log_id);
  const to = steps.indexOf(approval);
  const first = steps.findIndex(({ status }) => status === 'approved');
  return steps.slice(from + 1, Math.max(from + 1, Math.min(to, first))).some(({ status, by }) => status === 'rejected' && by !== undefined);
}
