import type { Conversion } from '../conversion.ts';
import type { Account, LedgerEntry } from '../ledger.ts';
import { zero } from '../money.ts';
import type { AccountChain, Records } from '../reconcile.ts';
import type { Gap } from './gap.ts';

/** Checks that the chains are complete, and that they agree with each conversion. */
export function ledgerGaps({ conversions, accounts }: Pick<Records, 'conversions' | 'accounts'>): Gap[] {
  const gaps = accounts.flatMap(chainGaps);
  const byConversion = Map.groupBy(
    accounts.flatMap(({ account, entries }) => entries.map((entry) => ({ account, entry }))),
    ({ entry }) => entry.conversion_id,
  );
  const readFrom = new Map(
    accounts.flatMap(({ account, entries: [oldest], cut }) => (cut && oldest ? [[nameOf(account), oldest.at] as const] : [])),
  );
  for (const row of conversions) {
    const found = byConversion.get(row.conversion_id) ?? [];
    if (mayBeUnread(row, readFrom.get(nameOf({ publisher: row.publisher_id, user: row.user_id })))) continue;
    const own = found
      .filter(({ account }) => account.publisher === row.publisher_id && account.user === row.user_id)
      .map(({ entry }) => entry);
    const points = own.reduce((sum, entry) => sum.plus(entry.points), zero);
    const payout = own.reduce((sum, entry) => sum.plus(entry.payout), zero);
    if (!points.eq(row.credited.points) || !payout.eq(row.credited.payout) || own.length !== found.length) {
      const detail = `the ledger has ${points.toFixed()} points and ${payout.toFixed()}, the conversion ${row.credited.points.toFixed()} and ${row.credited.payout.toFixed()}`;
      gaps.push({ kind: 'ledger_differs', about: row.conversion_id, detail });
    }
    gaps.push(...repeatedGaps(row.conversion_id, own));
  }
  return gaps;
}

function nameOf({ publisher, user }: Account): string {
  return `${publisher} ${user}`;
}

/** Whether entries of the conversion may be among those that were not read. */
function mayBeUnread({ settlements: [first] }: Conversion, readFrom: string | undefined): boolean {
  return readFrom !== undefined && first !== undefined && first.at <= readFrom;
}

function chainGaps({ account, entries, cut }: AccountChain): Gap[] {
  const about = nameOf(account);
  const [oldest] = entries;
  const unread = cut && oldest !== undefined ? { entries: oldest.entry - 1, balance: oldest.balance.minus(oldest.points) } : undefined;
  let balance = unread?.balance ?? zero;
  for (const [index, entry] of entries.entries()) {
    balance = balance.plus(entry.points);
    const number = (unread?.entries ?? 0) + index + 1;
    if (entry.entry !== number) return [{ kind: 'ledger_broken', about, detail: `entry ${number} is missing` }];
    if (!entry.balance.eq(balance)) {
      return [
        { kind: 'ledger_broken', about, detail: `entry ${entry.entry} says ${entry.balance.toFixed()}, the sum is ${balance.toFixed()}` },
      ];
    }
  }
  return [];
}

/**
 * One postback gives a conversion each status at most once. A reversal that is booked with its original has the original's log id in that
 * entry.
 */
function repeatedGaps(conversionId: string, entries: readonly LedgerEntry[]): Gap[] {
  const byChange = Map.groupBy(entries, ({ log_id, status }) => `${log_id} ${status}`);
  return [...byChange]
    .filter(([, same]) => same.length > 1)
    .map(([change, same]): Gap => ({ kind: 'credited_again', about: conversionId, detail: `${same.length} entries for ${change}` }));
}

/** Entries without a conversion. It makes sense only when the records contain every conversion of the accounts. */
export function unexplainedEntries({ conversions, accounts }: Pick<Records, 'conversions' | 'accounts'>): Gap[] {
  const known = new Set(conversions.map(({ conversion_id }) => conversion_id));
  return accounts.flatMap(({ account, entries }) =>
    entries
      .filter(({ conversion_id }) => !known.has(conversion_id))
      .map(
        ({ entry, conversion_id }): Gap => ({
          kind: 'entry_unexplained',
          about: nameOf(account),
          detail: `entry ${entry} of ${conversion_id}`,
        }),
      ),
  );
}
