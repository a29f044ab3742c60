import type { Conversion } from '../conversion.ts';
import type { Known } from '../forwarding/ports.ts';
import type { PublisherId } from '../ids.ts';
import type { Account, LedgerEntry, Tail } from '../ledger.ts';
import type { Settled } from '../settlement.ts';

/** One conversion's settlement, ready to be committed. */
export interface ReadySettlement {
  readonly conversion: Conversion;
  /** `held`: the terms are a percentage and no payout was sent; the open steps are closed without a credit. */
  readonly settled: Settled | 'held';
  readonly account: Account;
}

export interface AccountEntries {
  readonly account: Account;
  readonly entries: readonly LedgerEntry[];
}

export interface Books {
  /** @param steps how many steps the message speaks of: an older row is read again, consistently. */
  conversion(id: string, steps: number): Promise<Conversion | undefined>;
  /** Nothing is open any more: the sweeper need not look at it again. Does nothing when something is. */
  finish(conversion: Conversion): Promise<void>;
  /** End of the account's chain. @param consistent after a lost race. @throws LedgerMismatch when the chain is broken there. */
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
  /** From the sweeper: an attempt may have been made already. */
  readonly swept?: boolean | undefined;
}

export interface DeliveryHints {
  /** Losing hints loses nothing: the sweeper finds the conversion. */
  send(hints: readonly DeliveryHint[]): Promise<void>;
}
