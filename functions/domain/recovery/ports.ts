import type { Conversion } from '../conversion.ts';
import type { OpenWork } from './open-work.ts';

/** The postbacks of one minute that are in one shard of the log. */
export interface Slice {
  /** Epoch milliseconds at which the minute begins. */
  readonly minute: number;
  readonly shard: string;
  /** When it was last looked at, as the store has it; absent: never. */
  readonly seen?: string | undefined;
}

/**
 * Which minutes are not closed: a minute is open until everything received in it is settled and told, or scheduled. Work is found
 * by looking at what was received, so nothing has to be written to say that there is work.
 */
export interface Minutes {
  /** Slices left open that are to be looked at again by now. */
  open(now: number): Promise<readonly Slice[]>;
  /** The first minute that was never looked at; `undefined`: none ever was. */
  next(): Promise<number | undefined>;
  /** The first minute from this one on in which something was received; `undefined`: there is none. */
  received(from: number): Promise<number | undefined>;
  /** Every earlier minute has been looked at, and is closed or left open. */
  advance(minute: number): Promise<void>;
  leaveOpen(slice: Slice, again: number, since: Pick<OpenWork, 'unsettledSince' | 'undeliveredSince'>): Promise<void>;
  /** Does nothing when somebody has opened it meanwhile. */
  close(slice: Slice): Promise<void>;
  /** The conversions that the postbacks of a slice led to. */
  conversions(slice: Slice): Promise<readonly Conversion[]>;
  /** Which of the deliveries have a row. */
  delivered(ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Conversions whose hold period is over (contract 2.1). */
export interface DueReleases {
  /** Calls back with pages of their ids until there are no more or the callback says `false`; each is found again after a while. */
  conversions(now: number, page: (ids: readonly string[]) => Promise<boolean>): Promise<void>;
}
