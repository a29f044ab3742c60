import type { Conversion } from './conversion.ts';
import type { Delivery } from './delivery/delivery.ts';
import type { Account, LedgerEntry } from './ledger.ts';
import type { LogEntry } from './log-entry.ts';
import { deliveryGaps } from './reconciling/delivery-gaps.ts';
import type { Gap } from './reconciling/gap.ts';
import { ledgerGaps, unexplainedEntries } from './reconciling/ledger-gaps.ts';
import { logGaps } from './reconciling/log-gaps.ts';
import { settlementGaps } from './reconciling/settlement-gaps.ts';

/** A row and whether the sweeper would find it: it stands in the index of due work, or waits there for its publisher. */
export interface Watched<Row> {
  readonly row: Row;
  readonly watched: boolean;
}

/** An account with its chain of entries, oldest first. */
export interface AccountChain {
  readonly account: Account;
  readonly entries: readonly LedgerEntry[];
  /** Older entries were left unread: what can only be told from them is not told. */
  readonly cut: boolean;
}

/** What a log entry says of conversions. */
export type LoggedPostback = Pick<LogEntry, 'log_id' | 'result' | 'conversion_id' | 'received_at'>;

/** What the tables hold of some stretch of time: every log entry, and everything that its postbacks led to. */
export interface Records {
  readonly log: readonly LoggedPostback[];
  readonly conversions: readonly Conversion[];
  readonly accounts: readonly AccountChain[];
  readonly deliveries: readonly Watched<Delivery>[];
}

export interface ReconcileOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Work may be unfinished for this long before it counts as a gap; rows are read one after another, so more than zero on a running system. */
  readonly graceMs: number;
  /** The records hold everything there is, not a stretch of time: then every ledger entry must be explained by them. */
  readonly whole: boolean;
}

/**
 * Compares the log, the conversions, the ledger, the balances and the deliveries with one another (design section 5): what was
 * accepted has a conversion, each conversion is settled to exactly what its steps and terms are worth, the ledger says the same and
 * adds up, and every delivery is accounted for.
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
