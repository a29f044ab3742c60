import * as z from 'zod';
import { type Route, route } from '../route.ts';
import type { RecordDependencies } from './dependencies.ts';
import { amountText } from './fields.ts';
import { figuresBy, figuresOf, lastDays } from './statistics.ts';

const byCurrency = z.record(z.string(), amountText);
const counts = z.record(z.string(), z.int());
const figures = {
  received: z.int().meta({ description: 'Requests with a valid key; accepted ones are counted when they are settled' }),
  by_result: counts.meta({ example: { accepted: 12, duplicate: 1, held: 0, logged: 2, test: 0, error: 3 } }),
  by_status: counts.meta({ description: 'Conversion changes by new status' }),
  upward: byCurrency.meta({ description: 'What partners owe, minus what was taken back', example: { USD: '120.00' } }),
  downward: byCurrency.meta({ description: 'What publishers earn, minus what was taken back' }),
  points: amountText,
  delivered: z.int(),
  delivery_failed: z.int().meta({ description: 'Attempts that failed' }),
};

const days = z
  .string()
  .regex(/^\d{1,3}$/, 'must be a whole number')
  .transform(Number)
  .pipe(z.int().min(1).max(92, 'must be 1 to 92'))
  .default(7)
  .meta({ description: '1 to 92, including today', example: '7' });

const seconds = z.int().nullable();
/** Rows of each breakdown: the busiest. */
const mostRows = 200;

/** Statistics from counters that are kept as work is done: no request reads the records themselves (contract section 4). */
export function statisticsRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/postback-pipeline/stats',
      role: 'viewer',
      summary: 'Get statistics',
      description: 'Counts, sums and delivery figures by day, partner, publisher and offer.',
      query: z.strictObject({ days }),
      answers: {
        200: z.object({
          from: z.iso.date(),
          to: z.iso.date(),
          ...figures,
          by_day: z.array(z.object({ day: z.iso.date(), ...figures })).meta({ description: 'All days, oldest first' }),
          by_partner: z.array(z.object({ partner_id: z.string(), ...figures })).meta({ description: 'Busiest first' }),
          by_publisher: z.array(z.object({ publisher_id: z.string(), ...figures })),
          by_offer: z.array(z.object({ offer_id: z.string(), ...figures })),
          deliveries: z.object({
            delivered: z.int(),
            failed: z.int(),
            success_rate: z
              .number()
              .min(0)
              .max(1)
              .nullable()
              .meta({ description: 'Share of attempts that succeeded; null: there were no attempts' }),
            oldest_undelivered_seconds: seconds.meta({
              description: 'Age of the oldest undelivered notification, without those held for a paused publisher',
            }),
            oldest_unsettled_seconds: seconds.meta({ description: 'Age of the oldest change that has not reached the ledger' }),
          }),
        }),
      },
      async handle({ query }) {
        const now = records.now().getTime();
        const wanted = lastDays(now, query.days);
        const [byDay, backlog] = await Promise.all([
          Promise.all(wanted.map((day) => records.statistics.day(day))),
          records.backlog.oldest(),
        ]);
        const counters = byDay.flat();
        const total = figuresOf(counters);
        const attempts = total.delivered + total.delivery_failed;
        return {
          status: 200,
          body: {
            from: wanted[0],
            to: wanted.at(-1),
            ...total,
            by_day: wanted.map((day, index) => ({ day, ...figuresOf(byDay[index] ?? []) })),
            by_partner: figuresBy(counters, 'partner', mostRows).map(({ key: partner_id, ...rest }) => ({ partner_id, ...rest })),
            by_publisher: figuresBy(counters, 'publisher', mostRows).map(({ key: publisher_id, ...rest }) => ({ publisher_id, ...rest })),
            by_offer: figuresBy(counters, 'offer', mostRows).map(({ key: offer_id, ...rest }) => ({ offer_id, ...rest })),
            deliveries: {
              delivered: total.delivered,
              failed: total.delivery_failed,
              success_rate: attempts === 0 ? null : Math.round((total.delivered / attempts) * 10_000) / 10_000,
              oldest_undelivered_seconds: ageOf(backlog.undelivered, now),
              oldest_unsettled_seconds: ageOf(backlog.unsettled, now),
            },
          },
        };
      },
    }),
  ];
}

export function ageOf(since: number | undefined, now: number): number | null {
  return since === undefined ? null : Math.max(0, Math.floor((now - since) / 1_000));
}
