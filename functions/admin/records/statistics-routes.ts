import * as z from 'zod';
import { type Calendar, calendarOf, quartersBetween } from '../../domain/statistics/calendar.ts';
import { addCounter, type Grouping, newTally, type Tally } from '../../domain/statistics/tally.ts';
import { forwardedStatuses, postbackResults } from '../../domain/status.ts';
import { columnsIn } from '../csv.ts';
import { formatQuery } from '../list-query.ts';
import { AdminError, type Route, route, type Table } from '../route.ts';
import type { RecordDependencies } from './dependencies.ts';
import { amountText, timeText } from './fields.ts';
import { type Period, periodOf, periodQuery } from './period.ts';
import { figuresBy, figuresOf, rateOf } from './statistics.ts';

const byCurrency = z.record(z.string(), amountText);
const counted = <Name extends string>(names: readonly Name[]) => z.object(Object.fromEntries(names.map((name) => [name, z.int()])));
const rate = (description: string) =>
  z
    .number()
    .min(0)
    .nullable()
    .meta({ description: `${description}; null when there is nothing to divide by`, example: 0.9 });
const figures = {
  received: z.int().meta({ description: 'Requests with a valid key; accepted ones are counted when they are settled' }),
  by_result: counted(postbackResults).meta({ example: { accepted: 12, duplicate: 1, held: 0, logged: 2, test: 0, error: 3 } }),
  by_status: counted(forwardedStatuses).meta({ description: 'Changes of conversions by new status; `reversed` counts the reversals' }),
  approval_rate: rate('approved / (approved + rejected)'),
  reversal_rate: rate('reversed / approved; above 1 where more was reversed than approved in this time'),
  upward: byCurrency.meta({ description: 'What partners owe, minus what was taken back', example: { USD: '120.00' } }),
  downward: byCurrency.meta({ description: 'What publishers earn, minus what was taken back', example: { USD: '96.00' } }),
  margin: byCurrency.meta({ description: '`upward` minus `downward`', example: { USD: '24.00' } }),
  points: amountText,
  delivered: z.int(),
  delivery_failed: z.int().meta({ description: 'Attempts that failed' }),
  delivery_success_rate: rate('Share of attempts to deliver that succeeded'),
};
const span = {
  from: z.iso.date().meta({ description: 'The first day' }),
  to: z.iso.date().meta({ description: 'The last day' }),
  begins_at: timeText,
  ends_at: timeText.meta({ description: 'Not included' }),
};
const daily = z.array(z.int());
const days = z
  .object({ received: daily, approved: daily, reversed: daily })
  .meta({ description: 'Counts of each day of `by_day`, in its order', example: { received: [9, 7], approved: [8, 6], reversed: [0, 1] } });
const groups = <Shape extends z.ZodRawShape>(shape: Shape) => ({
  by_partner: z.array(z.object({ partner_id: z.string(), ...shape })).meta({ description: `Busiest first, at most ${mostRows}` }),
  by_publisher: z.array(z.object({ publisher_id: z.string(), ...shape })).meta({ description: `Busiest first, at most ${mostRows}` }),
  by_offer: z.array(z.object({ offer_id: z.string(), ...shape })).meta({ description: `Busiest first, at most ${mostRows}` }),
});
const seconds = z.int().nullable();
/** The most rows of each breakdown; the busiest are kept. */
const mostRows = 200;

/**
 * Statistics. They come from counters that are updated as work is done, so no request reads the records themselves (contract section 4).
 */
export function statisticsRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/postback-pipeline/stats',
      role: 'viewer',
      summary: 'Get statistics',
      description:
        'Counts, sums, rates and delivery figures by day, partner, publisher and offer, in any time zone. Amounts and statuses count when they are settled, so a reversal counts on its own day, not on that of what it reverses.',
      query: z.strictObject({
        ...periodQuery,
        ...formatQuery,
        by: z
          .enum(['day', 'hour', 'partner', 'publisher', 'offer'])
          .default('day')
          .meta({ description: '`hour` adds `by_hour`. For CSV: which rows it has' }),
        compare: z.literal('previous').optional().meta({ description: 'Adds `previous`: the period of equal length before' }),
      }),
      answers: {
        200: z.object({
          ...span,
          timezone: z.string(),
          ...figures,
          by_day: z.array(z.object({ day: z.iso.date(), ...figures })).meta({ description: 'All days, oldest first' }),
          by_hour: z
            .array(z.object({ hour: z.string().meta({ example: '2026-10-25T02:00:00+02:00' }), ...figures }))
            .optional()
            .meta({ description: 'All hours, oldest first, in local time of the time zone' }),
          ...groups({ ...figures, days }),
          deliveries: z.object({
            delivered: z.int(),
            failed: z.int(),
            success_rate: rate('Share of attempts that succeeded'),
            oldest_undelivered_seconds: seconds.meta({
              description: 'Age of the oldest undelivered notification, without those held for a paused publisher',
            }),
            oldest_unsettled_seconds: seconds.meta({ description: 'Age of the oldest change that has not reached the ledger' }),
          }),
          previous: z
            .object({ ...span, ...figures, ...groups(figures) })
            .optional()
            .meta({ description: 'The period of equal length before' }),
        }),
      },
      csvOf: 'the rows of `by_day`, or of what `by` says',
      async handle({ query: { by, compare, timezone, ...asked } }) {
        const now = records.now().getTime();
        const calendar = calendarOf(timezone);
        const { period, previous } = periodOf(asked, calendar, now);
        const [tally, before, backlog] = await Promise.all([
          tallyOf(records, period, calendar, by === 'hour'),
          compare && tallyOf(records, previous, calendar, false),
          records.backlog.oldest(),
        ]);
        const total = figuresOf(tally.total);
        const rows = {
          by_day: period.days.map((day) => ({ day, ...figuresOf(tally.days.get(day)) })),
          by_hour: (by === 'hour' ? hoursOf(period, calendar) : []).map((hour) => ({ hour, ...figuresOf(tally.hours.get(hour)) })),
        };
        const { by_hour, ...others } = rows;
        return {
          status: 200,
          body: {
            ...spanOf(period),
            timezone,
            ...total,
            ...others,
            ...(by === 'hour' ? { by_hour } : {}),
            ...groupsOf(tally, period),
            deliveries: {
              delivered: total.delivered,
              failed: total.delivery_failed,
              success_rate: rateOf(total.delivered, total.delivered + total.delivery_failed),
              oldest_undelivered_seconds: ageOf(backlog.undelivered, now),
              oldest_unsettled_seconds: ageOf(backlog.unsettled, now),
            },
            ...(before && { previous: { ...spanOf(previous), ...figuresOf(before.total), ...groupsOf(before, previous) } }),
          },
          table: tableOf(by, { ...rows, ...groupsOf(tally, period) }),
        };
      },
    }),
  ];
}

/** @throws AdminError 400 when the period has more counters than one answer can add up. */
async function tallyOf({ statistics }: RecordDependencies, { from, to }: Period, calendar: Calendar, byHour: boolean): Promise<Tally> {
  const tally = newTally();
  const whole = await statistics.read(from, to, (counter) =>
    addCounter(tally, counter, calendar.dayOf(counter.at), byHour ? calendar.hourOf(counter.at) : undefined),
  );
  if (!whole)
    throw new AdminError(400, 'too_many_counters', 'from, to: too much happened in this time for one answer; ask for a shorter time');
  return tally;
}

function hoursOf({ from, to }: Period, calendar: Calendar): string[] {
  return [...new Set([...quartersBetween(from, to)].map(calendar.hourOf))];
}

function spanOf({ from, to, days: all }: Period) {
  return { from: all[0], to: all.at(-1), begins_at: new Date(from).toISOString(), ends_at: new Date(to).toISOString() };
}

function groupsOf(tally: Tally, { days: all }: Period) {
  const rowsBy = (grouping: Grouping) =>
    figuresBy(tally, grouping, mostRows).map(({ id, figures: own, group }) => ({
      [`${grouping}_id`]: id,
      ...own,
      days: {
        received: all.map((day) => group.days.get(day)?.received ?? 0),
        approved: all.map((day) => group.days.get(day)?.approved ?? 0),
        reversed: all.map((day) => group.days.get(day)?.reversed ?? 0),
      },
    }));
  return { by_partner: rowsBy('partner'), by_publisher: rowsBy('publisher'), by_offer: rowsBy('offer') };
}

type RowSet = 'day' | 'hour' | Grouping;

/** A row for each day, hour, partner and so on, with a column for each currency. */
function tableOf(by: RowSet, rowsBy: Readonly<Record<`by_${RowSet}`, readonly Readonly<Record<string, unknown>>[]>>): Table {
  const rows = rowsBy[`by_${by}`].map(({ days: _days, ...row }) => row);
  const key = by === 'day' || by === 'hour' ? by : `${by}_id`;
  return { name: `statistics-by-${by}`, columns: columnsIn([{ [key]: '', ...figuresOf() }, ...rows]), rows };
}

export function ageOf(since: number | undefined, now: number): number | null {
  return since === undefined ? null : Math.max(0, Math.floor((now - since) / 1_000));
}
