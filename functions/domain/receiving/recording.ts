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
  /** A short digest of a text: what tells one postback from another. */
  fingerprint(text: string): string;
}

export interface Recorded extends Outcome {
  /** Set when the processor has something to settle: the conversion is at least at this revision. */
  readonly settle?: SettleHint | undefined;
  /** The rule that has decided. */
  readonly rule?: Rule | undefined;
  /** What it takes, or would have taken, of the caps of its offer. */
  readonly caps?: readonly CapUse[] | undefined;
}

/** Another writer came between. `raced`: how the conversion is now, where that is known. */
export interface Raced {
  readonly raced: Conversion | undefined;
}

/** The log of a repetition names what it repeats. */
export function withConversion(receipt: Receipt, id: string): Receipt {
  return { ...receipt, entry: { ...receipt.entry, conversion_id: id } };
}

export async function log(ports: RecordingPorts, { entry }: Receipt, outcome: Outcome, flags: readonly LogFlag[] = []): Promise<Recorded> {
  await ports.journal.write({ ...entry, ...outcome, flags: [...entry.flags, ...flags] }, {});
  return outcome;
}
