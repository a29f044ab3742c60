import Big from 'big.js';
import { type AnnouncedDelivery, type Conversion, type Credited, type Settlement, type Step, shownStatus, stepsOf } from './conversion.ts';
import { type Paid, replay } from './conversions/standing.ts';
import { roundMoney, zero } from './money.ts';
import { type Earnings, earningsOf, exactEarnings, pointsFor, type Terms } from './revenue-share.ts';
import type { ForwardedStatus } from './status.ts';

/** A change of what a conversion is worth, with what its ledger entry and the statistics need. */
interface Credit {
  /** Change of what the partner owes, in the conversion's currency. */
  readonly upward: Big;
  /** Change of the downward payout, in the terms' currency. */
  readonly payout: Big;
  /** Change of the user's points. */
  readonly points: Big;
  /** The visible status: an approval in its hold period is pending. */
  readonly status: ForwardedStatus;
  /** Whether somebody said it; false for the end of a hold period. */
  readonly received: boolean;
  readonly log_id: string;
  readonly reason?: string | undefined;
}

/** The result of settling the open statements of a conversion. */
export interface Settled {
  readonly terms: Terms;
  readonly settlements: readonly Settlement[];
  /** One for each accepted statement, even if it changes nothing. */
  readonly credits: readonly Credit[];
  readonly credited: Credited;
  /** What was approved cannot be paid: the terms are a percentage, and the partner named no payout. */
  readonly held: boolean;
}

export interface SettleOptions {
  /** ISO 8601. */
  readonly at: string;
  /**
   * Returns the deliveries that report a change which the publisher can see; empty when nobody is notified. @param soFar the conversion
   * with the step at `index` settled.
   */
  readonly announce: (step: Step, soFar: Conversion, index: number) => readonly AnnouncedDelivery[];
}

/** The most statements that one transaction settles, since it holds 100 writes; the rest is settled in the next one. */
const mostSteps = 40;

/**
 * Settles the accepted statements that are not settled yet (contract section 2). The credit is moved to a target that follows from
 * everything that was said, so settling again, or in other portions, changes nothing.
 */
export function settle(conversion: Conversion, currentTerms: Terms, { at, announce }: SettleOptions): Settled {
  const terms = conversion.terms ?? currentTerms;
  const steps = stepsOf(conversion);
  const { changes } = replay(conversion.statements, conversion.default_currency);
  const first = conversion.settlements.length;
  let { credited } = conversion;
  let sequence = conversion.settlements.reduce((most, settlement) => Math.max(most, settlement.sequence ?? 0), 0);
  let held = false;
  const settlements: Settlement[] = [];
  const credits: Credit[] = [];
  for (const [index, step] of steps.slice(first, first + mostSteps).entries()) {
    const { paid, moved } = changes[first + index] ?? { paid: undefined, moved: false };
    const target = worthOf(paid, terms);
    held = target === undefined;
    const worth = target ?? nothing;
    const payout = worth.payout.minus(credited.payout);
    const points = worth.points.minus(credited.points);
    credits.push({
      upward: worth.upward.minus(credited.upward),
      payout,
      points,
      status: shownStatus(step),
      received: !step.releases,
      log_id: step.log_id,
      reason: step.reason,
    });
    credited = worth;
    const visible = !held && (moved || !payout.eq(0) || !points.eq(0));
    if (visible) sequence += 1;
    const shown = shownStatus(step) === 'pending' ? wouldEarn(step, paid, terms) : { payout, points };
    const settlement: Settlement = {
      payout: shown.payout,
      points: shown.points,
      at,
      ...(visible ? { sequence } : {}),
      deliveries: [],
    };
    const soFar = { ...conversion, terms, settlements: [...conversion.settlements, ...settlements, settlement] };
    settlements.push(visible ? { ...settlement, deliveries: announce(step, soFar, first + index) } : settlement);
  }
  return { terms, settlements, credits, credited, held };
}

/** What a pending step would earn. It changes nothing yet, but the publisher sees this amount. */
function wouldEarn({ status, amount }: Step, paid: Paid | undefined, terms: Terms): Earnings {
  if (status === 'pending') return earningsOf(terms, amount) ?? nothing;
  return worthOf(paid && { ...paid, until: undefined }, terms) ?? nothing;
}

const nothing: Credited = { upward: zero, payout: zero, points: zero };

/**
 * What a conversion is worth while a part of an approval is left (contract section 2): the exact earnings in proportion to what is left
 * upward, rounded once, so that parts that add up to the whole leave nothing.
 *
 * @returns `undefined` when the terms are a percentage and the partner named no payout.
 */
function worthOf(paid: Paid | undefined, terms: Terms): Credited | undefined {
  if (paid === undefined || paid.until !== undefined) return nothing;
  const { amount, left } = paid;
  const exact = exactEarnings(terms, amount);
  if (exact === undefined) return undefined;
  const whole = amount ?? zero;
  const payout = roundMoney(left === 'all' ? exact : proportion(exact, left, whole), terms.currency);
  return { upward: left === 'all' ? whole : left, payout, points: pointsFor(payout, terms) };
}

/** Digits of a quotient: more than any two amounts of 18 digits need to distinguish a tie from a value near one. */
const Quotient = Big();
Quotient.DP = 60;

function proportion(exact: Big, left: Big, whole: Big): Big {
  return new Big(new Quotient(exact.times(left)).div(whole).toFixed());
}
