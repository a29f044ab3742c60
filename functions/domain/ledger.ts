import type Big from 'big.js';
import type { PublisherId } from './ids.ts';
import type { ForwardedStatus } from './status.ts';

/** Points belong to a publisher's user: two publishers may use the same user id (contract section 2). */
export interface Account {
  readonly publisher: PublisherId;
  readonly user: string;
}

/**
 * One change of a user's points. Entries are numbered without gaps and each contains the balance after it. So the newest entry gives the
 * balance, the balance is always the sum of the entries, and there is no second copy that could disagree.
 */
export interface LedgerEntry {
  /** 1, 2, 3, … within the account. */
  readonly entry: number;
  readonly points: Big;
  readonly balance: Big;
  /** Change of the downward payout, in `currency`. */
  readonly payout: Big;
  readonly currency: string;
  readonly conversion_id: string;
  readonly log_id: string;
  readonly status: ForwardedStatus;
  readonly reason?: string | undefined;
  /** ISO 8601. */
  readonly at: string;
}

/** The end of an account's chain of entries, to which the next ones are appended. */
export type Tail = Pick<LedgerEntry, 'entry' | 'balance'>;

/** Appends changes to a chain. */
export function chain(tail: Tail, changes: readonly Omit<LedgerEntry, 'entry' | 'balance'>[]): LedgerEntry[] {
  let { entry, balance } = tail;
  return changes.map((change) => {
    entry += 1;
    balance = balance.plus(change.points);
    return { ...change, entry, balance };
  });
}

/** An account whose chain is broken: something other than a settlement has written to it. */
export class LedgerMismatch extends Error {
  override name = 'LedgerMismatch';
}

/**
 * The end of a chain, checked against the entry before it: each settlement checks the link on which it builds.
 *
 * @throws LedgerMismatch when the newest balance is not the one before it plus the entry's points.
 */
export function checkedTail(newest: Pick<LedgerEntry, 'entry' | 'balance' | 'points'>, before: Tail | undefined): Tail {
  const expected = newest.entry === 1 ? newest.points : before?.entry === newest.entry - 1 ? before.balance.plus(newest.points) : undefined;
  if (expected !== undefined && !expected.eq(newest.balance))
    throw new LedgerMismatch(`entry ${newest.entry} holds a balance that its points do not explain`);
  return { entry: newest.entry, balance: newest.balance };
}
