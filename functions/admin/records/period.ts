import * as z from 'zod';
import { addDays, type Calendar, dayMs, daysFrom, quarterOf } from '../../domain/statistics/calendar.ts';
import { AdminError } from '../route.ts';
import { timezone } from '../schemas/fields.ts';

/** The most days that one answer adds up. */
const mostDays = 92;

/** Beginning and end of the statistics; spread it into a `z.strictObject`. */
export const periodQuery = {
  days: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(1).max(mostDays, `must be 1 to ${mostDays}`))
    .optional()
    .meta({ description: `This many days up to today, which is included: 1 to ${mostDays}. Without it and \`from\`: 7`, example: '7' }),
  from: edge('The first day, or the time at which it begins', '2026-01-01'),
  to: edge('The last day, included; or the time at which it ends, not included. Absent: today', '2026-01-31'),
  timezone: timezone
    .default('UTC')
    .meta({ description: 'The time zone of the days and hours: a name of the IANA', example: 'Europe/Berlin' }),
};

function edge(description: string, example: string) {
  return z
    .union(
      [
        z.iso.date(),
        z.iso.datetime({ offset: true }),
        z.iso.datetime({ offset: true, precision: -1 }),
        // An offset's `+` that was not percent-encoded arrives as a space.
        z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)? \d\d:\d\d$/),
      ],
      'must be a date such as 2026-01-31, or a time with its offset such as 2026-01-31T12:00:00Z',
    )
    .refine((text) => /^2\d{3}-/.test(text), 'must be in the years 2000 to 2999')
    .optional()
    .meta({ description: `${description} (ISO 8601; times on a quarter of an hour). At most ${mostDays} days in all`, example });
}

interface PeriodQuery {
  readonly days?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * The quarters of an hour from one instant (included) to another (excluded), in epoch milliseconds, and the calendar days that they belong
 * to.
 */
export interface Period {
  readonly from: number;
  readonly to: number;
  /** Oldest first. */
  readonly days: readonly string[];
}

/**
 * The requested period, and the one of equal length before it: as many calendar days or, when times were given, as many milliseconds.
 *
 * @param now epoch milliseconds.
 * @throws AdminError 400 that names what is wrong with the request.
 */
export function periodOf(
  { days, from, to }: PeriodQuery,
  calendar: Calendar,
  now: number,
): { readonly period: Period; readonly previous: Period } {
  if (days !== undefined && (from !== undefined || to !== undefined))
    throw new AdminError(400, 'invalid_days', 'days: give either days, or from and to');
  if (from === undefined && to !== undefined) throw new AdminError(400, 'invalid_from', 'from: is required with to');
  const today = calendar.dayOf(now);
  const first = from ?? addDays(today, 1 - (days ?? 7));
  const last = to ?? today;
  const whole = !first.includes('T') && !last.includes('T');
  const period = periodBetween(calendar, beginningOf(first, calendar), endOf(last, calendar));
  if (period.days.length === 0) throw new AdminError(400, 'invalid_to', 'to: must not be before from');
  if (period.days.length > (whole ? mostDays : mostDays + 1))
    throw new AdminError(400, 'invalid_to', `to: must be at most ${mostDays} days after from`);
  const length = period.to - period.from;
  const before = whole ? calendar.startOf(addDays(first, -daysFrom(first, last).length)) : period.from - length;
  return { period, previous: periodBetween(calendar, before, period.from) };
}

function periodBetween(calendar: Calendar, from: number, to: number): Period {
  // Lists no more days than are needed to see that there are too many.
  const within = Math.min(to, from + (mostDays + 8) * dayMs);
  return { from, to, days: from >= to ? [] : daysFrom(calendar.dayOf(from), calendar.dayOf(within - 1)) };
}

function beginningOf(text: string, calendar: Calendar): number {
  return text.includes('T') ? onQuarter('from', text) : calendar.startOf(text);
}

function endOf(text: string, calendar: Calendar): number {
  return text.includes('T') ? onQuarter('to', text) : calendar.startOf(addDays(text, 1));
}

function onQuarter(name: 'from' | 'to', text: string): number {
  const at = Date.parse(text.replace(' ', '+'));
  if (quarterOf(at) !== at) throw new AdminError(400, `invalid_${name}`, `${name}: must be on a quarter of an hour, such as 12:15:00`);
  return at;
}
