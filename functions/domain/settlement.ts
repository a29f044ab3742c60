import type Big from 'big.js';
import type { Announced, Conversion, Credited, Settlement, Step } from './conversion.ts';
import { roundMoney, smaller, zero } from './money.ts';
import { earningsOf, pointsFor, type Terms } from './revenue-share.ts';
import type { PublisherPostback } from './settings.ts';
import type { ForwardedStatus } from './status.ts';

/** A change of what a conversion is worth, as its ledger entry and the statistics need it. */
interface Credit {
  /** Change of what the partner owes, in the conversion's currency. */
  readonly upward: Big;
  /** Change of the downward payout, in the terms' currency. */
  readonly payout: Big;
  /** Change of the user's points. */
  readonly points: Big;
  readonly status: ForwardedStatus;
  readonly log_id: string;
  readonly reason?: string | undefined;
}

/** What settling the open steps of a conversion comes to. */
export interface Settled {
  readonly terms: Terms;
  readonly settlements: readonly Settlement[];
  /** One for each step, also where nothing changes. */
  readonly credits: readonly Credit[];
  readonly credited: Credited;
}

export interface SettleOptions {
  /** ISO 8601. */
  readonly at: string;
  readonly forwardStatuses: readonly ForwardedStatus[];
  /** Which postbacks are told of a settled step; none, or absent: one delivery, for the plain one. */
  readonly tell?: (conversion: Conversion, step: number) => readonly Pick<PublisherPostback, 'postback_id'>[];
  /** Makes the id of each delivery. */
  readonly newDeliveryId: () => string;
}

/** Steps settled in one transaction, which holds 100 writes; the rest follows in the next. */
const mostSteps = 40;

const nothing: Credited = { upward: zero, payout: zero, points: zero };

/**
 * Settles the steps that are not settled yet (contract section 2): approval credits, leaving `approved` takes back exactly what was
 * credited, a smaller reversal takes back its part. What is credited is steered towards a target, so repeating changes nothing.
 *
 * @returns `undefined` when the terms are a percentage and the partner named no payout: nothing can be credited.
 */
export function settle(conversion: Conversion, currentTerms: Terms, options: SettleOptions): Settled | undefined {
  const terms = conversion.terms ?? currentTerms;
  const settledBefore = conversion.settlements.length;
  let credited = conversion.credited;
  const settlements: Settlement[] = [];
  const credits: Credit[] = [];
  for (const [index, step] of conversion.steps.entries()) {
    if (index < settledBefore || index >= settledBefore + mostSteps) continue;
    const target = targetOf(step, conversion.steps.slice(0, index), credited, terms);
    if (target === undefined) return undefined;
    const payout = target.payout.minus(credited.payout);
    const points = target.points.minus(credited.points);
    credits.push({
      upward: target.upward.minus(credited.upward),
      payout,
      points,
      status: step.status,
      log_id: step.log_id,
      reason: step.reason,
    });
    credited = target;
    // A pending step changes nothing yet: the publisher is shown what it would earn.
    const shown = step.status === 'pending' ? (earningsOf(terms, step.amount) ?? nothing) : { payout, points };
    const settlement = { payout: shown.payout, points: shown.points, at: options.at };
    const now = { ...conversion, terms, settlements: [...conversion.settlements, ...settlements, settlement] };
    const forwarded = !step.silent && options.forwardStatuses.includes(step.status);
    settlements.push(forwarded ? { ...settlement, deliveries: announce(now, index, options) } : settlement);
  }
  return { terms, settlements, credits, credited };
}

/** One delivery for each postback that is told of a step; one that finds no address where there is no postback. */
function announce(conversion: Conversion, index: number, { tell, newDeliveryId }: SettleOptions): Announced[] {
  const told = tell?.(conversion, index) ?? [];
  const postbacks = told.length > 0 ? told : [{ postback_id: undefined }];
  return postbacks.map(({ postback_id }) => ({ delivery_id: newDeliveryId(), ...(postback_id === undefined ? {} : { postback_id }) }));
}

/** What the conversion should be worth after a step. */
function targetOf(step: Step, before: readonly Step[], credited: Credited, terms: Terms): Credited | undefined {
  switch (step.status) {
    case 'approved': {
      const earnings = earningsOf(terms, step.amount);
      return earnings && { upward: step.amount ?? zero, ...earnings };
    }
    case 'pending':
      return credited;
    case 'rejected':
      return nothing;
    case 'reversed':
      return remainderOf(step.amount, before.findLast(({ status }) => status === 'approved')?.amount, credited, terms);
    default:
      return step.status satisfies never;
  }
}

/** A reversal of a smaller positive amount than the original takes back that part; any other takes everything (contract 1.5). */
function remainderOf(part: Big | undefined, original: Big | undefined, credited: Credited, terms: Terms): Credited {
  if (part === undefined || part.lte(0) || original === undefined || part.gte(original)) return nothing;
  const share = terms.rule === 'percent' ? earningsOf(terms, part)?.payout : undefined;
  const taken = share ?? roundMoney(credited.payout.times(part).div(original), terms.currency);
  const payout = credited.payout.minus(smaller(taken, credited.payout));
  const points = payout.eq(0) ? zero : smaller(pointsFor(payout, terms), credited.points);
  return { upward: credited.upward.minus(smaller(part, credited.upward)), payout, points };
}
