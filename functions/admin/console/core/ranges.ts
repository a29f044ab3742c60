import type { Query } from './api.ts';

/** The reader's time zone. All days and times on the screen are in it, and its name is shown beside them. */
export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** `2026-11-24` of a time in the reader's zone. */
export function dayOf(time: Date): string {
  const month = String(time.getMonth() + 1).padStart(2, '0');
  return `${time.getFullYear()}-${month}-${String(time.getDate()).padStart(2, '0')}`;
}

function daysBefore(days: number, now: Date): string {
  return dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - days));
}

export interface Range {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export function quickRanges(now = new Date()): readonly Range[] {
  const today = daysBefore(0, now);
  return [
    { name: 'Today', from: today, to: today },
    { name: 'Yesterday', from: daysBefore(1, now), to: daysBefore(1, now) },
    { name: '7 days', from: daysBefore(6, now), to: today },
    { name: '30 days', from: daysBefore(29, now), to: today },
  ];
}

/** The days that a page of figures covers: the last seven, unless its URL names others. */
export function rangeOf({ from, to }: Query, now = new Date()): { readonly from: string; readonly to: string } {
  return { from: from ?? to ?? daysBefore(6, now), to: to ?? daysBefore(0, now) };
}

/** A month as `2026-11`: the current one, or one so many months before it. */
export function monthBefore(months: number, now = new Date()): string {
  return dayOf(new Date(now.getFullYear(), now.getMonth() - months, 1)).slice(0, 7);
}

/** Filters in the form that the API expects: it reads a day alone as a day in UTC, but here it is a day in the reader's time zone. */
export function withTimes<Filters extends Query>({ from, to, ...rest }: Filters): Query {
  return { ...rest, ...(from && { from: startOf(from, 0) }), ...(to && { to: startOf(to, 1) }) };
}

/**
 * Midnight at the beginning of a day or, with `days`, the last moment before the midnight that is so many days later. Text that is no day
 * is passed on, so that the API refuses it.
 */
function startOf(day: string, days: number): string {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  if (year === undefined) return day;
  const midnight = new Date(Number(year), Number(month) - 1, Number(date) + days);
  return new Date(midnight.getTime() - days).toISOString();
}
