import { type Conversion, type Statement, stepsOf } from '../conversion.ts';
import { withStatements } from '../receiving/new-conversion.ts';

/** A conversion whose hold period has ended, with the log entry of its approval. */
interface Releasing {
  readonly conversion: Conversion;
  readonly approvalLogId: string;
}

/**
 * Ends the hold period of a conversion once its time has come. This is one more statement, which is committed with its settlement and under
 * the revision that was read, so that nothing is paid early and a reversal at the same moment is not missed (contract 2.1).
 *
 * @param at ISO 8601, the present time.
 * @returns `undefined` when nothing waits, or its time has not come yet.
 */
export function releaseDue(conversion: Conversion, at: string): Releasing | undefined {
  const { release_at, revision } = conversion;
  if (release_at === undefined || Date.parse(release_at) > Date.parse(at)) return undefined;
  const approval = waitingApproval(conversion);
  if (approval === undefined) return undefined;
  const statement = releaseOf(approval, at);
  // The settlement with which this is committed increases the revision.
  return { conversion: { ...withStatements(conversion, [...conversion.statements, statement]), revision }, approvalLogId: approval.log_id };
}

/** The approval that is in its hold period. */
export function waitingApproval(conversion: Conversion): Statement | undefined {
  if (conversion.release_at === undefined) return undefined;
  return stepsOf(conversion).findLast((step) => step.release_at !== undefined && !step.releases);
}

/**
 * Repeats the approval's statement as the end of its hold period, so that everything that follows from its ids and amount stays the same.
 */
export function releaseOf({ counted: _counted, ...approval }: Statement, at: string): Statement {
  return { ...approval, at, releases: true };
}
