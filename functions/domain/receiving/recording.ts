import type { LogFlag } from '../codes.ts';
import type { Conversion } from '../conversion.ts';
import type { Outcome } from '../log-entry.ts';
import type { Rule } from '../settings.ts';
import type { CapUse } from './caps-reached.ts';
import type { MatchPorts } from './match-click.ts';
import type { Journal, SettleHint } from './ports.ts';
import type { Receipt } from './receipt.ts';
import type { RulingPorts } from './ruling.ts';

export interface RecordingPorts extends Omit<MatchPorts, 'journal'>, Omit<RulingPorts, 'settings'> {
  readonly journal: Journal;
  /** A short digest of a text, which distinguishes one postback from another. */
  fingerprint(text: string): string;
}

export interface Recorded extends Outcome {
  /** Set when there is something to settle; the conversion has at least this revision. */
  readonly settle?: SettleHint | undefined;
  /** The rule that decided. */
  readonly rule?: Rule | undefined;
  /** How much of the offer's caps it uses, or would have used. */
  readonly caps?: readonly CapUse[] | undefined;
}

/** Another writer was faster. `raced`: the present state of the conversion, if it is known. */
export interface Raced {
  readonly raced: Conversion | undefined;
}

/** The log entry of a repetition names what it repeats. */
export function withConversion(receipt: Receipt, id: string): Receipt {
  return { ...receipt, entry: { ...receipt.entry, conversion_id: id } };
}

export async function log(ports: RecordingPorts, { entry }: Receipt, outcome: Outcome, flags: readonly LogFlag[] = []): Promise<Recorded> {
  await ports.journal.write({ ...entry, ...outcome, flags: [...entry.flags, ...flags] }, {});
  return outcome;
}
