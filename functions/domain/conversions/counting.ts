import type Big from 'big.js';
import type { Conversion } from '../conversion.ts';
import type { PublisherId } from '../ids.ts';
import { zero } from '../money.ts';
import type { Cap, Offer } from '../settings.ts';
import { standingOf } from './standing.ts';

/** How a commit changes one of the counters that caps are compared with (contract 2.1). */
export interface CountChange {
  readonly offer_id: string;
  readonly place: string;
  /** Positive when something is counted from now on, negative when it is taken back. */
  readonly by: Big;
  /** The counter must not be above this afterwards. Absent: there is no limit. */
  readonly most?: Big | undefined;
}

/** A cap that an approval must fit under, and the counter for it. */
export interface Capped {
  readonly place: string;
  readonly cap: Cap;
}

/**
 * The caps that count an approval of an offer, each with its counter for the period in which the approval was received.
 *
 * @param currency ISO 4217: the currency of the approval's amount, and that of the offer and so of its caps.
 * @param receivedAt epoch milliseconds.
 * @returns `uncountable` is true when a cap on payout cannot count the amount, because its currency is not the offer's.
 */
export function capsFor(
  { caps = [] }: Pick<Offer, 'caps'>,
  publisher: PublisherId,
  currency: { readonly of: string; readonly offer: string },
  receivedAt: number,
): { readonly capped: readonly Capped[]; readonly uncountable: boolean } {
  const meant = caps.filter(({ publisher_id }) => publisher_id === undefined || publisher_id === publisher);
  const countable = meant.filter(({ of }) => of === 'conversions' || currency.of === currency.offer);
  return {
    capped: countable.map((cap) => ({ place: placeOf(cap, receivedAt), cap })),
    uncountable: countable.length < meant.length,
  };
}

/** The name of a cap's counters. The limit is not part of it, so a cap whose limit is changed continues with what it has counted. */
export function capName({
  per,
  of,
  publisher_id,
  timezone,
}: Pick<Cap, 'per' | 'of'> & { readonly publisher_id?: string | null | undefined; readonly timezone?: string | null | undefined }): string {
  return [per, of, publisher_id ?? '*', timezone ?? 'UTC'].join('#');
}

function placeOf(cap: Cap, receivedAt: number): string {
  return `${capName(cap)}#${periodOf(cap, receivedAt)}`;
}

const calendars = new Map<string, Intl.DateTimeFormat>();

/** Calendars are kept, because making one takes far longer than using it. There is one for each time zone that a cap names. */
function calendarOf(timeZone: string): Intl.DateTimeFormat {
  // Swedish dates are written as in ISO 8601.
  const calendar =
    calendars.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  calendars.set(timeZone, calendar);
  return calendar;
}

/** The period of a cap in its own time zone: a day, the Monday of a week, a month, or `-` for all time. */
function periodOf({ per, timezone = 'UTC' }: Cap, receivedAt: number): string {
  const day = calendarOf(timezone).format(receivedAt);
  switch (per) {
    case 'day':
      return day;
    case 'week': {
      const date = new Date(`${day}T00:00:00Z`);
      date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
      return date.toISOString().slice(0, 10);
    }
    case 'month':
      return day.slice(0, 7);
    case 'total':
      return '-';
    default:
      return per satisfies never;
  }
}

/**
 * How much a conversion counts on each counter. This follows from the statements that are valid, so nothing else has to be done when one is
 * taken back.
 */
function countsOf({ statements, default_currency }: Conversion): ReadonlyMap<string, Big> {
  if (!statements.some(({ counted }) => counted !== undefined)) return new Map();
  const { paid } = standingOf(statements, default_currency);
  if (paid?.counted === undefined) return new Map();
  const upward = paid.left === 'all' ? (paid.amount ?? zero) : paid.left;
  return new Map(paid.counted.map(({ place, of }) => [place, of === 'payout' ? upward : zero.plus(1)]));
}

/**
 * How the counters change with a conversion, in the same commit.
 *
 * @param limits the limits of the counters, by place. A counter without one counts without a limit, as for a person's decision.
 */
export function countChanges(before: Conversion, after: Conversion, limits: ReadonlyMap<string, Big> = new Map()): readonly CountChange[] {
  const had = countsOf(before);
  const has = countsOf(after);
  return [...new Set([...had.keys(), ...has.keys()])].flatMap((place) => {
    const by = (has.get(place) ?? zero).minus(had.get(place) ?? zero);
    if (by.eq(0)) return [];
    return [{ offer_id: after.offer_id, place, by, most: by.gt(0) ? limits.get(place) : undefined }];
  });
}
