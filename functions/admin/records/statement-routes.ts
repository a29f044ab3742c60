import type Big from 'big.js';
import * as z from 'zod';
import type { SettingStore } from '../../adapters/dynamo/settings-writer.ts';
import { pointsText } from '../../domain/money.ts';
import type { Publisher } from '../../domain/settings.ts';
import { type Balances, type StatementLine, statementLines, sumBalances } from '../../domain/statistics/account.ts';
import { calendarOf, dayMs, settledAfterMs } from '../../domain/statistics/calendar.ts';
import { columnsIn } from '../csv.ts';
import { formatQuery } from '../list-query.ts';
import { AdminError, type Route, route } from '../route.ts';
import { offerId, timezone } from '../schemas/fields.ts';
import { exactMoneyText } from '../settings/amount-text.ts';
import type { RecordDependencies } from './dependencies.ts';
import { amountText, textOrNull, timeText } from './fields.ts';

const balances = {
  opening: amountText.meta({ description: 'The balance at the beginning of the month: `closing` of the month before', example: '100.00' }),
  earned: amountText.meta({ example: '40.00' }),
  taken_back: amountText.meta({
    description: 'Taken back by reversals and rejections, including what was earned in earlier months; negative',
    example: '-4.00',
  }),
  closing: amountText.meta({ description: 'Exactly `opening + earned + taken_back`', example: '136.00' }),
};
const points = z.object(balances).meta({ id: 'StatementPoints', description: 'The same in points' });
const ofCurrency = { currency: z.string(), ...balances, points };

const answer = z.object({
  publisher_id: z.string(),
  month: z.string().meta({ example: '2026-01' }),
  timezone: z.string(),
  begins_at: timeText,
  ends_at: timeText.meta({ description: 'Not included' }),
  final: z.boolean().meta({ description: 'Whether the month is over, so that its figures no longer change' }),
  totals: z.array(z.object(ofCurrency)).meta({ description: 'One for each currency' }),
  points,
  lines: z
    .array(z.object({ offer_id: z.string(), offer_name: textOrNull, ...ofCurrency }))
    .meta({ description: 'One for each offer and currency' }),
});

/** Statements of what a publisher has earned in a month (contract section 4). */
export function statementRoutes(publishers: Pick<SettingStore<Publisher>, 'get'>, records: RecordDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/statements/{publisher_id}',
      role: 'viewer',
      bound: { publisher: { own: 'path' } },
      summary: "Get a publisher's statement of a month",
      description:
        "From the ledger: each entry counts in the month in which it was written. Payouts are in the publisher's currencies; nothing is rounded.",
      query: z.strictObject({
        month: z
          .string()
          .regex(/^2\d{3}-(?:0[1-9]|1[0-2])$/, 'must be a month such as 2026-01')
          .optional()
          .meta({ description: 'Absent: this month', example: '2026-01' }),
        timezone: timezone.default('UTC').meta({ description: 'The time zone in which the month begins and ends: a name of the IANA' }),
        ...formatQuery,
      }),
      answers: { 200: answer },
      csvOf: 'the lines',
      async handle({ params, query }) {
        const id = params['publisher_id'] ?? '';
        const publisher = await publishers.get(id);
        if (publisher === undefined) throw new AdminError(404, 'publisher_not_found', 'No publisher has this publisher_id');
        const now = records.now().getTime();
        const calendar = calendarOf(query.timezone);
        const month = query.month ?? calendar.dayOf(now).slice(0, 7);
        const [begins, ends] = [calendar.startOf(`${month}-01`), calendar.startOf(`${monthAfter(month)}-01`)];
        if (begins > now) throw new AdminError(400, 'invalid_month', 'month: has not begun yet');
        // Nothing is older than the publisher; the extra day is for a clock that was behind when something was settled.
        const first = Date.parse(publisher.created_at) - dayMs;
        const [before, during] = await Promise.all([
          records.accounts.movements(id, first, begins, now),
          records.accounts.movements(id, Math.max(first, begins), ends, now),
        ]);
        const lines = statementLines(before, during);
        const names = await namesOf(records, lines);
        const rows = lines.map(({ offer, ...line }) => ({ offer_id: offer, offer_name: names.get(offer) ?? null, ...viewOf(line) }));
        return {
          status: 200,
          body: {
            publisher_id: id,
            month,
            timezone: query.timezone,
            begins_at: new Date(begins).toISOString(),
            ends_at: new Date(ends).toISOString(),
            final: ends + settledAfterMs <= now,
            totals: totalsOf(lines).map(viewOf),
            points: pointsOf(sumBalances(lines.map((line) => line.points))),
            lines: rows,
          },
          table: { name: `statement-${id}-${month}`, columns: columnsIn([emptyRow, ...rows]), rows },
        };
      },
    }),
  ];
}

function monthAfter(month: string): string {
  const [year = '', number = ''] = month.split('-');
  return new Date(Date.UTC(Number(year), Number(number))).toISOString().slice(0, 7);
}

/** Totals by currency, in alphabetical order. */
function totalsOf(lines: readonly StatementLine[]): Omit<StatementLine, 'offer'>[] {
  return [...Map.groupBy(lines, ({ currency }) => currency)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, all]) => ({
      currency,
      payout: sumBalances(all.map(({ payout }) => payout)),
      points: sumBalances(all.map((line) => line.points)),
    }));
}

function viewOf({ currency, payout, points: own }: Omit<StatementLine, 'offer'>) {
  return { currency, ...textsOf(payout, (amount) => exactMoneyText(amount, currency)), points: pointsOf(own) };
}

function pointsOf(own: Balances) {
  return textsOf(own, pointsText);
}

function textsOf({ opening, earned, takenBack, closing }: Balances, text: (amount: Big) => string) {
  return { opening: text(opening), earned: text(earned), taken_back: text(takenBack), closing: text(closing) };
}

/** Gives a statement without lines the same columns as one with lines. */
const emptyRow = { offer_id: '', offer_name: '', ...viewOf({ currency: 'USD', payout: sumBalances([]), points: sumBalances([]) }) };

/** Names of the offers, including deleted ones. */
async function namesOf({ taking }: RecordDependencies, lines: readonly StatementLine[]): Promise<ReadonlyMap<string, string | undefined>> {
  const ids = [...new Set(lines.map(({ offer }) => offer))];
  return new Map(
    await Promise.all(
      ids.map(async (id): Promise<[string, string | undefined]> => {
        const read = offerId.safeParse(id).data;
        return [id, read && (await taking.settings.offer(read))?.name];
      }),
    ),
  );
}
