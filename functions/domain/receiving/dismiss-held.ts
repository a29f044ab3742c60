import { countChanges } from '../conversions/counting.ts';
import type { LogEntry } from '../log-entry.ts';
import { withStatements } from './new-conversion.ts';
import { Overtaken } from './overtaken.ts';
import type { Journal } from './ports.ts';
import type { HandDecision, Handled } from './settle-held.ts';

export interface Dismissal {
  /** Id of the row under which it is held. */
  readonly heldId: string;
  /** The conversion whose statements contain it. */
  readonly about?: string | undefined;
  /** Its log entry, as it was read. */
  readonly previous: LogEntry;
  readonly decision: HandDecision;
  /** ISO 8601. */
  readonly at: string;
}

const mostRaces = 12;

/**
 * Sets a held postback aside: it stays in the lists as rejected, and what it said counts for nothing, even if it was an early take-back.
 */
export async function dismissHeld(journal: Journal, { heldId, about, previous, decision, at }: Dismissal): Promise<Handled> {
  const { result, code, message } = previous;
  const { by, reason } = decision;
  const entry: LogEntry = {
    ...previous,
    message: `Set aside by ${by}: ${reason}`,
    earlier: [...(previous.earlier ?? []), { result, code, message, at, by }],
  };
  for (let race = 0; race < mostRaces; race += 1) {
    const row = about === undefined ? undefined : await journal.conversion(about);
    const isIt = ({ log_id, verdict }: { readonly log_id: string; readonly verdict: string }): boolean =>
      log_id === previous.log_id && verdict === 'held';
    if (row !== undefined && !row.statements.some(isIt)) return { done: false, refusal: 'already_settled' };
    const conversions =
      row === undefined
        ? []
        : [
            withStatements(
              row,
              row.statements.map((one) => (isIt(one) ? { ...one, verdict: 'closed' } : one)),
            ),
          ];
    try {
      const counts = row === undefined ? [] : conversions.flatMap((after) => countChanges(row, after));
      const written = await journal.write(entry, { conversions, counts, releases: [{ heldId, status: 'rejected' }] });
      if (written.kind === 'written') return { done: true, recorded: { result, code } };
      if (row === undefined) return { done: false, refusal: 'already_settled' };
    } catch (error) {
      if (error instanceof Overtaken) return { done: false, refusal: 'already_settled' };
      throw error;
    }
  }
  throw new Error(`${about} kept changing while ${heldId} was set aside`);
}
