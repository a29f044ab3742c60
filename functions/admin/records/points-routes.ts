import * as z from 'zod';
import type { LedgerEntry } from '../../domain/ledger.ts';
import { moneyText, pointsText, zero } from '../../domain/money.ts';
import { forwardedStatuses } from '../../domain/status.ts';
import { listAnswer, pageQuery } from '../list-query.ts';
import { AdminError, type Route, route } from '../route.ts';
import type { RecordDependencies } from './dependencies.ts';
import { amountText, textOrNull, timeText } from './fields.ts';

export const ledgerEntry = z
  .object({
    entry_id: z.string().meta({ description: "Number of the entry in the user's account", example: '12' }),
    points: amountText.meta({ description: 'Change in points; negative when points are taken back' }),
    balance: amountText.meta({ description: 'Balance after this entry' }),
    payout: amountText.meta({ description: 'Change in the downward payout, in `currency`' }),
    currency: z.string(),
    conversion_id: z.string(),
    log_id: z.string(),
    status: z.enum(forwardedStatuses),
    reason: textOrNull,
    at: timeText,
  })
  .meta({ id: 'LedgerEntry' });

export function ledgerEntryOf(entry: LedgerEntry): z.output<typeof ledgerEntry> {
  return {
    entry_id: String(entry.entry),
    points: pointsText(entry.points),
    balance: pointsText(entry.balance),
    payout: moneyText(entry.payout, entry.currency),
    currency: entry.currency,
    conversion_id: entry.conversion_id,
    log_id: entry.log_id,
    status: entry.status,
    reason: entry.reason ?? null,
    at: entry.at,
  };
}

const entryNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

/** A user's balance and the entries behind it (contract section 2). A user whom we do not know has a balance of 0. */
export function pointsRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/publishers/{publisher_id}/users/{user_id+}/points',
      role: 'viewer',
      bound: { publisher: { own: 'path' } },
      summary: "List a user's points",
      description: 'Includes the balance.',
      query: z.strictObject({
        ...pageQuery,
        user_id: z.string().min(1).optional().meta({
          description:
            'Used instead of the id in the path. For an id with a question mark, which ends a path at the gateway, encoded or not',
        }),
      }),
      answers: { 200: z.object({ balance: amountText, entries: z.array(ledgerEntry), next_cursor: textOrNull }) },
      list: 'entries',
      async handle({ params, query: { limit, cursor, user_id } }) {
        const publisher = await records.findPublisher(params['publisher_id'] ?? '');
        if (publisher === undefined) throw new AdminError(404, 'publisher_not_found', 'No publisher has this publisher_id');
        const account = { publisher: publisher.publisher_id, user: user_id ?? params['user_id'] ?? '' };
        const before = cursor === undefined ? undefined : entryNumber.safeParse(cursor.key).data;
        if (cursor !== undefined && before === undefined)
          throw new AdminError(400, 'invalid_cursor', 'cursor: is not a cursor of this list');
        const [entries, [newest]] = await Promise.all([
          records.ledger.entries(account, limit + 1, before),
          before === undefined ? [undefined] : records.ledger.entries(account, 1, undefined),
        ]);
        const page = entries.slice(0, limit);
        const last = page.at(-1);
        const next = last === undefined || entries.length <= limit ? undefined : { key: String(last.entry), seen: 0 };
        const { body } = listAnswer('entries', page.map(ledgerEntryOf), next);
        return { status: 200, body: { balance: pointsText((newest ?? page[0])?.balance ?? zero), ...body } };
      },
    }),
  ];
}
