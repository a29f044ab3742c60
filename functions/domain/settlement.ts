import Big from 'big.js';
import { type AnnouncedDelivery, type Conversion, type Credited, type Settlement, type Step, shownStatus, stepsOf } from './conversion.ts';
import { type Paid, replay } from './conversions/standing.ts';
import { roundMoney, zero } from './money.ts';
import { type Earnings, earningsOf, exactEarnings, pointsFor, type Terms } from './revenue-share.ts';
import type { ForwardedStatus } from './status.ts';

/** A change of what a conversion is worth, as its ledger entry and the statistics need it. */
interface Credit {
  /** Change of what the partner owes, in the conversion's currency. */
  readonly upward: Big;
  /** Change of the downward payout, in the terms' currency. */
  readonly payout: Big;
  /** Change of the user's points. */
  readonly points: Big;
  /** As it is shown: what waits in a hold period is pending. */
  readonly status: ForwardedStatus;
  /** Somebody said it: it is not the end of a hold period. */
  readonly received: boolean;
  readonly log_id: string;
  readonly reason?: string | undefined;
}

/** What settling the open statements of a conversion comes to. */
export interface Settled {
  readonly terms: Terms;
  readonly settlements: readonly Settlement[];
  /** One for each accepted statement, also where nothing changes. */
  readonly credits: readonly Credit[];
  readonly credited: Credited;
  /** What stands cannot be paid: the terms are a percentage, and the partner named no payout. */
  readonly held: boolean;
}

export interface SettleOptions {
  /** ISO 8601. */
  readonly at: string;
  /** Who is told of a change that a publisher can see; none: nobody is. @param soFar the conversion with the step at `index` settled. */
  readonly announce: (step: Step, soFar: Conversion, index: number) => readonly AnnouncedDelivery[];
}

/** Statements settled in one transaction, which holds 100 writes; the rest follows in the next. */
const mostSteps = 40;

/**
 * Settles the accepted statements that are not settled yet (contract section 2). What is credited is steered towards a target that
 * follows from everything that was said, so settling again, or in other portions, changes nothing.
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

/** A pending step changes nothing yet: the publisher is shown what it would earn. */
function wouldEarn({ status, amount }: Step, paid: Paid | undefined, terms: Terms): Earnings {
  if (status === 'pending') return earningsOf(terms, amount) ?? nothing;
  return worthOf(paid && { ...paid, until: undefined }, terms) ?? nothing;
}

const nothing: Credited = { upward: zero, payout: zero, points: zero };

/**
 * What a conversion is worth while so much of an approval is left (contract section 2): the exact earnings in the proportion of what
 * is left upward, rounded once, so that parts that add up to the whole leave nothing.
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

/** Digits of a quotient: more than any two amounts of 18 digits need to tell a tie from what is near one. */
const Quotient = Big();
Quotient.DP = 60;

function proportion(exact: Big, left: Big, whole: Big): Big {
  return new Big(new Quotient(exact.times(left)).div(whole).toFixed());
}
