import type { Conversion } from '../conversion.ts';
import type { OpenWork } from './open-work.ts';

/** The postbacks of one minute in one shard of the log. */
export interface Slice {
  /** Epoch milliseconds at which the minute begins. */
  readonly minute: number;
  readonly shard: string;
  /** When it was last looked at, as the store recorded it; absent: never. */
  readonly seen?: string | undefined;
}

/**
 * Tells which minutes are not closed. A minute is open until everything that was received in it is settled, and is delivered or scheduled.
 * Work is found by looking at what was received, so nothing has to be written in order to say that there is work.
 */
export interface Minutes {
  /** Slices that were left open and are now due to be looked at again. */
  open(now: number): Promise<readonly Slice[]>;
  /** The first minute that was never looked at; `undefined` when no minute ever was. */
  next(): Promise<number | undefined>;
  /** The first minute, from this one on, in which something was received; `undefined` when there is none. */
  received(from: number): Promise<number | undefined>;
  /** Records that every earlier minute has been looked at, and was closed or left open. */
  advance(minute: number): Promise<void>;
  leaveOpen(slice: Slice, again: number, since: Pick<OpenWork, 'unsettledSince' | 'undeliveredSince'>): Promise<void>;
  /** Closes a slice, unless somebody has opened it in the meantime. */
  close(slice: Slice): Promise<void>;
  /** The conversions that the postbacks of a slice led to. */
  conversions(slice: Slice): Promise<readonly Conversion[]>;
  /** Returns the deliveries that have a row. */
  delivered(ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Conversions whose hold period is over (contract 2.1). */
export interface DueReleases {
  /** Calls back with pages of conversion ids until there are no more or the callback returns `false`. Each is found again after a while. */
  conversions(now: number, page: (ids: readonly string[]) => Promise<boolean>): Promise<void>;
}
