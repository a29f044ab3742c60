import type { Conversion } from '../conversion.ts';
import type { Known } from '../forwarding/ports.ts';
import type { PublisherId } from '../ids.ts';
import type { Account, LedgerEntry, Tail } from '../ledger.ts';
import type { Settled } from '../settlement.ts';

/** One conversion's settlement, ready to be committed. */
export interface ReadySettlement {
  readonly conversion: Conversion;
  readonly settled: Settled;
  readonly account: Account;
  /**
   * Set when a hold period ends with it: log id of the approval that waited. The sweeper looks at that approval's minute again, for its
   * deliveries.
   */
  readonly releases?: string | undefined;
}

export interface AccountEntries {
  readonly account: Account;
  readonly entries: readonly LedgerEntry[];
}

export interface Books {
  /** Consistent read. */
  conversion(id: string): Promise<Conversion | undefined>;
  /**
   * Reads many conversions by their ids. The read is a cheap one if a revision is known and the row has at least that revision. A
   * conversion that does not exist, or cannot be read, is left out.
   */
  conversions(wanted: readonly { readonly id: string; readonly revision: number | undefined }[]): Promise<ReadonlyMap<string, Conversion>>;
  /**
   * The end of the account's chain. @param consistent whether to read consistently, as after a lost race. @throws LedgerMismatch when the
   * chain is broken there.
   */
  tail(account: Account, consistent: boolean): Promise<Tail>;
  /**
   * One transaction: the conversions' new state, the ledger entries and the statistics (design decision 3).
   *
   * @returns `false` when a row has changed since it was read; nothing was written.
   */
  commit(settlements: readonly ReadySettlement[], entries: readonly AccountEntries[], at: string): Promise<boolean>;
}

export interface DeliveryHint {
  readonly deliveryId: string;
  readonly conversionId: string;
  readonly publisher: PublisherId;
  readonly postbackId?: string | undefined;
  readonly known?: Known | undefined;
  /** From the sweeper: the delivery may have been attempted already. */
  readonly swept?: boolean | undefined;
}

export interface DeliveryHints {
  /** If hints are lost, nothing else is: the sweeper finds the conversion. */
  send(hints: readonly DeliveryHint[]): Promise<void>;
}
