import type { Conversion } from './conversion.ts';
import type { Delivery } from './delivery/delivery.ts';
import type { Account, LedgerEntry } from './ledger.ts';
import type { LogEntry } from './log-entry.ts';
import { deliveryGaps } from './reconciling/delivery-gaps.ts';
import type { Gap } from './reconciling/gap.ts';
import { ledgerGaps, unexplainedEntries } from './reconciling/ledger-gaps.ts';
import { logGaps } from './reconciling/log-gaps.ts';
import { settlementGaps } from './reconciling/settlement-gaps.ts';

/** A row, and whether the sweeper would find it: because the index of due work contains it, or because it waits for its publisher. */
export interface Watched<Row> {
  readonly row: Row;
  readonly watched: boolean;
}

/** An account with its chain of entries, oldest first. */
export interface AccountChain {
  readonly account: Account;
  readonly entries: readonly LedgerEntry[];
  /** Older entries were not read, so gaps that only they would show are not reported. */
  readonly cut: boolean;
}

/** What a log entry says about conversions. */
export type LoggedPostback = Pick<LogEntry, 'log_id' | 'result' | 'conversion_id' | 'received_at'>;

/** The contents of the tables for a stretch of time: every log entry, and everything that its postbacks led to. */
export interface Records {
  readonly log: readonly LoggedPostback[];
  readonly conversions: readonly Conversion[];
  readonly accounts: readonly AccountChain[];
  readonly deliveries: readonly Watched<Delivery>[];
}

export interface ReconcileOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  /**
   * Milliseconds for which work may be unfinished before it counts as a gap. Rows are read one after another, so on a running system this
   * must be more than zero.
   */
  readonly graceMs: number;
  /** Whether the records are complete instead of those of a stretch of time: then they must explain every ledger entry. */
  readonly whole: boolean;
}

/**
 * Compares the log, the conversions, the ledger, the balances and the deliveries with one another (design section 5): what was accepted has
 * a conversion, each conversion is settled to exactly what its steps and terms are worth, the ledger says the same and adds up, and every
 * delivery is accounted for.
 *
 * @returns every disagreement; none on a healthy system.
 */
export function reconcile(records: Records, options: ReconcileOptions): Gap[] {
  return [
    ...logGaps(records),
    ...settlementGaps(records, options),
    ...ledgerGaps(records),
    ...(options.whole ? unexplainedEntries(records) : []),
    ...deliveryGaps(records, options),
  ];
}
