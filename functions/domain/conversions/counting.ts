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
  /** Above zero where something is counted from now on, below where it is given back. */
  readonly by: Big;
  /** It must not count more than this afterwards. Absent: it counts whatever is there. */
  readonly most?: Big | undefined;
}

/** What an approval has to fit under, and where that is counted. */
export interface Capped {
  readonly place: string;
  readonly cap: Cap;
}

/**
 * The caps that count an approval of an offer, each with the period in which it was received.
 *
 * @param currency ISO 4217: of the approval's amount, and of the offer's caps.
 * @param receivedAt epoch milliseconds.
 * @returns `uncountable`: a cap of payout cannot count an amount in another currency than the offer's.
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

/** A cap whose limit is changed goes on with what it has counted: the limit is not part of its name. */
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

/** Making one takes far longer than asking it; there are as many as caps name zones. */
function calendarOf(timeZone: string): Intl.DateTimeFormat {
  // The Swedish way to write a date is that of ISO 8601.
  const calendar =
    calendars.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  calendars.set(timeZone, calendar);
  return calendar;
}

/** The period of a cap in its own zone: a day, the Monday of a week, a month. */
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

/** What a conversion takes of each counter: it follows from what stands, so that what is taken back is given back by itself. */
function countsOf({ statements, default_currency }: Conversion): ReadonlyMap<string, Big> {
  if (!statements.some(({ counted }) => counted !== undefined)) return new Map();
  const { paid } = standingOf(statements, default_currency);
  if (paid?.counted === undefined) return new Map();
  const upward = paid.left === 'all' ? (paid.amount ?? zero) : paid.left;
  return new Map(paid.counted.map(({ place, of }) => [place, of === 'payout' ? upward : zero.plus(1)]));
}

/**
 * How the counters change when a conversion does; for the commit that changes it.
 *
 * @param limits by place: what has to fit. Absent: it counts all the same, as for a person's decision.
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
