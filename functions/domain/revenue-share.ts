import type Big from 'big.js';
import { percentOf, roundMoney, roundPoints, zero } from './money.ts';
import type { Offer, Publisher } from './settings.ts';

/** What a publisher earns for one event of an offer. It is frozen on the conversion when that is settled (contract section 2). */
export interface Terms {
  /** `percent` of the upward payout, or a `fixed` downward payout. */
  readonly rule: 'percent' | 'fixed';
  /** Percent (80 is 80%), or an amount in `currency`. */
  readonly value: Big;
  /** Where the rule comes from. */
  readonly source: 'offer' | 'goal' | 'override';
  /** Points per unit of downward payout. */
  readonly exchangeRate: Big;
  /** Currency of the downward payout, ISO 4217. */
  readonly currency: string;
}

/** A downward payout in the terms' currency, and the points it is worth. */
export interface Earnings {
  readonly payout: Big;
  readonly points: Big;
}

/**
 * Finds the terms of an event: the publisher's override for the offer wins, then the goal's terms, then the offer's (contract section 2). A
 * percentage above zero is a share of what the partner pays; otherwise the fixed payout applies, whatever the partner sent.
 */
export function termsOf(offer: Offer, publisher: Publisher, event: string, exchangeRate: Big, currency: string): Terms {
  const { offer_id: id } = offer;
  // An offer's id may be `constructor`, which every object has as a member.
  const override = Object.hasOwn(publisher.payout_overrides, id) ? publisher.payout_overrides[id] : undefined;
  if (override?.percent !== undefined) return { rule: 'percent', value: override.percent, source: 'override', exchangeRate, currency };
  if (override?.fixed !== undefined)
    return { rule: 'fixed', value: override.fixed, source: 'override', exchangeRate, currency: offer.currency ?? currency };
  const goal = offer.goals.find((declared) => declared.event === event);
  const ofGoal = goal !== undefined && (goal.payout !== undefined || goal.revenue_share_percent !== undefined);
  const source = ofGoal ? 'goal' : 'offer';
  const { payout, revenue_share_percent: percent } = ofGoal ? goal : offer;
  if (percent?.gt(0)) return { rule: 'percent', value: percent, source, exchangeRate, currency };
  const own = payout === undefined ? 'offer' : source;
  return { rule: 'fixed', value: payout ?? offer.payout ?? zero, source: own, exchangeRate, currency: offer.currency ?? currency };
}

/** Hours for which an approval waits before it is paid: from the publisher's override, else the goal, else the offer (contract 2.1). */
export function holdHoursOf(offer: Offer, publisher: Publisher | undefined, event: string): Big {
  const overrides = publisher?.payout_overrides ?? {};
  const override = Object.hasOwn(overrides, offer.offer_id) ? overrides[offer.offer_id] : undefined;
  const goal = offer.goals.find((declared) => declared.event === event);
  return override?.hold_hours ?? goal?.hold_hours ?? offer.hold_hours ?? zero;
}

/**
 * What an upward payout earns under the terms, not rounded. A percentage of no payout is unknown, not zero, so the conversion is held
 * (`missing_payout`).
 */
export function exactEarnings(terms: Pick<Terms, 'rule' | 'value'>, upward: Big | undefined): Big | undefined {
  if (terms.rule === 'fixed') return terms.value;
  return upward && percentOf(upward, terms.value);
}

/** What an upward payout earns under the terms. @returns `undefined` for a percentage of no payout. */
export function earningsOf(terms: Terms, upward: Big | undefined): Earnings | undefined {
  const exact = exactEarnings(terms, upward);
  if (exact === undefined) return undefined;
  const payout = roundMoney(exact, terms.currency);
  return { payout, points: pointsFor(payout, terms) };
}

/** Points for a downward payout; currencies are not converted (contract section 2). */
export function pointsFor(payout: Big, terms: Terms): Big {
  return roundPoints(payout.times(terms.exchangeRate));
}
