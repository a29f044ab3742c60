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
    entry_id: z.string().meta({ description: "The entry's number in the user's account", example: '12' }),
    points: amountText.meta({ description: 'Change of the points; negative when taken back' }),
    balance: amountText.meta({ description: 'The balance after it' }),
    payout: amountText.meta({ description: 'Change of the downward payout, in `currency`' }),
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

/** What a user has, and why (contract section 2). A user nobody has heard of has nothing. */
export function pointsRoutes(records: RecordDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/publishers/{publisher_id}/users/{user_id+}/points',
      role: 'viewer',
      bound: { publisher: { own: 'path' } },
      summary: "A user's balance and its entries, newest first",
      query: z.strictObject(pageQuery),
      answers: { 200: z.object({ balance: amountText, entries: z.array(ledgerEntry), next_cursor: textOrNull }) },
      list: 'entries',
      async handle({ params, query: { limit, cursor } }) {
        const publisher = await records.findPublisher(params['publisher_id'] ?? '');
        if (publisher === undefined) throw new AdminError(404, 'publisher_not_found', 'There is no publisher with this publisher_id');
        const account = { publisher: publisher.publisher_id, user: params['user_id'] ?? '' };
        const before = cursor === undefined ? undefined : Number(cursor.key);
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
