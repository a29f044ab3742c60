import type { Query } from './api.ts';

/** Days are the reader's own, as all times on the screen are; their zone is named beside them. */
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

/** The days that a page of figures is about: the last seven, unless its address says otherwise. */
export function rangeOf({ from, to }: Query, now = new Date()): { readonly from: string; readonly to: string } {
  return { from: from ?? to ?? daysBefore(6, now), to: to ?? daysBefore(0, now) };
}

/** A month as `2026-11`: this one, or so many before it. */
export function monthBefore(months: number, now = new Date()): string {
  return dayOf(new Date(now.getFullYear(), now.getMonth() - months, 1)).slice(0, 7);
}

/** Filters as the API takes them: it takes a day alone as one in UTC, and here it is the reader's. */
export function withTimes<Filters extends Query>({ from, to, ...rest }: Filters): Query {
  return { ...rest, ...(from && { from: startOf(from, 0) }), ...(to && { to: startOf(to, 1) }) };
}

/** Midnight of a day, or the last moment before the midnight that is `days` later. What is no day is left for the API to refuse. */
function startOf(day: string, days: number): string {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  if (year === undefined) return day;
  const midnight = new Date(Number(year), Number(month) - 1, Number(date) + days);
  return new Date(midnight.getTime() - days).toISOString();
}
