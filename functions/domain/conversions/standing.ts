import type Big from 'big.js';
import type { Said, Statement } from '../conversion.ts';
import { smaller, zero } from '../money.ts';
import type { ForwardedStatus } from '../status.ts';

/** What is paid for at the moment: one approval and what is left of it, upward. */
export interface Paid {
  readonly transaction_id?: string | undefined;
  /** What the approval said. Absent: no amount was sent. */
  readonly amount: Big | undefined;
  /** What take-backs have left of it; `all` while nothing was taken. */
  readonly left: Big | 'all';
}

/** A take-back that came before the approval that it is about. */
interface Early {
  /** Only for this transaction; absent: for the first approval. */
  readonly about?: string | undefined;
  readonly amount: Big | undefined;
  readonly status: 'reversed' | 'rejected';
}

/** Where a conversion stands after what was said of it. */
export interface Standing {
  /** Absent: nothing has been accepted. */
  readonly status?: ForwardedStatus | undefined;
  readonly paid?: Paid | undefined;
  /** An approval was accepted before. */
  readonly approved: boolean;
  readonly early: readonly Early[];
  /** Currency of the amounts: that of the first accepted statement with an amount (contract 1.2). Absent: none had one. */
  readonly currency?: string | undefined;
}

/** What an accepted statement changed. */
export interface Change {
  /** What is paid for from now on. */
  readonly paid: Paid | undefined;
  /** The publisher can see it, whatever the amounts are: the status is another. */
  readonly moved: boolean;
}

const nothing: Standing = { approved: false, early: [] };

/**
 * Folds everything that was said into where the conversion stands now, and what each accepted statement changed, in order.
 *
 * @param defaultCurrency ISO 4217, of amounts that come without one.
 */
export function replay(
  statements: readonly Statement[],
  defaultCurrency: string,
): { readonly standing: Standing; readonly changes: readonly Change[] } {
  let standing = nothing;
  const changes: Change[] = [];
  for (const [index, statement] of statements.entries()) {
    const before = standing;
    standing = after(before, statement, statements.slice(0, index), defaultCurrency);
    if (statement.verdict === 'accepted' && statement.status !== undefined)
      changes.push({ paid: standing.paid, moved: standing.status !== before.status });
  }
  return { standing, changes };
}

/** @see replay */
export function standingOf(statements: readonly Statement[], defaultCurrency: string): Standing {
  return replay(statements, defaultCurrency).standing;
}

function after(before: Standing, statement: Statement, earlier: readonly Statement[], defaultCurrency: string): Standing {
  if (statement.verdict === 'duplicate') return adopt(before, statement);
  if (statement.moved) return before;
  if (statement.verdict !== 'accepted') return isRemembered(statement) ? takeBack(before, statement, earlier) : before;
  const standing = { ...before, currency: before.currency ?? (hasAmount(statement) ? (statement.currency ?? defaultCurrency) : undefined) };
  switch (statement.status) {
    case 'pending':
      return { ...standing, status: 'pending' };
    case 'approved':
      return approve(standing, statement);
    case 'rejected':
      return statement.chargeback ? takeBack(standing, statement, earlier) : reject(standing, statement, earlier);
    case 'reversed':
      return takeBack(standing, statement, earlier);
    case undefined:
      return before;
    default:
      return statement.status satisfies never;
  }
}

/** What was approved without a transaction is, by the first repetition that names one, that transaction's. */
function adopt(standing: Standing, { status, transaction_id }: Statement): Standing {
  const { paid } = standing;
  if (status !== 'approved' || paid === undefined || paid.transaction_id !== undefined) return standing;
  return { ...standing, paid: { ...paid, transaction_id } };
}

/** A take-back that waits for a person counts all the same once its original comes; only setting it aside forgets it (contract 1.5). */
function isRemembered({ verdict, code, ...said }: Statement): boolean {
  return verdict === 'held' && (code === 'outside_window' || code === 'unknown_event') && isTakeBack(said);
}

/** Take-backs that came before nets with it: those about its transaction, and with the first approval those about none. */
function approve(standing: Standing, { transaction_id, amount }: Statement): Standing {
  const meant = ({ about }: Early): boolean => (about === undefined ? !standing.approved : about === transaction_id);
  const netted = standing.early.filter(meant);
  const early = standing.early.filter((one) => !meant(one));
  const whole: Paid = { transaction_id, amount, left: 'all' };
  const paid = netted.reduce<Paid | undefined>((left, take) => left && taken(left, take.amount), whole);
  const [first] = netted;
  return { ...standing, early, paid, approved: true, status: first === undefined ? 'approved' : first.status };
}

/** A rejection counts where it stands. One by hand, of what was never approved, sets the take-backs aside that came early. */
function reject(standing: Standing, statement: Statement, earlier: readonly Statement[]): Standing {
  const about = knownTransaction(statement, earlier);
  if (standing.status !== undefined && about !== undefined && isOnlyHeld(about, earlier)) return standing;
  const forgets = statement.by !== undefined && !standing.approved;
  return { ...standing, paid: undefined, status: 'rejected', early: forgets ? [] : standing.early };
}

function takeBack(standing: Standing, statement: Statement, earlier: readonly Statement[]): Standing {
  const status = statement.status === 'rejected' ? 'rejected' : 'reversed';
  const about = statement.original_transaction_id ?? knownTransaction(statement, earlier);
  const { paid } = standing;
  if (paid !== undefined && (about === undefined || about === paid.transaction_id))
    return { ...standing, paid: taken(paid, statement.amount), status };
  // What comes before the approval that it is about waits for it; what comes when nothing is left takes nothing.
  const waits = about === undefined ? !standing.approved : !wasApproved(about, earlier);
  const early = waits ? [...standing.early, { about, amount: statement.amount, status } as const] : standing.early;
  const visible = waits && statement.verdict === 'accepted' && paid === undefined && !standing.approved;
  return { ...standing, early, ...(visible ? { status } : {}) };
}

function taken({ transaction_id, amount, left }: Paid, part: Big | undefined): Paid | undefined {
  const whole = left === 'all' ? (amount ?? zero) : left;
  if (part === undefined || part.lte(0) || part.gte(whole)) return undefined;
  return { transaction_id, amount, left: whole.minus(smaller(part, whole)) };
}

/** The transaction that a statement is about, if one that is known was named (contract 1.5). */
export function knownTransaction(
  { transaction_id, original_transaction_id }: Pick<Said, 'transaction_id' | 'original_transaction_id'>,
  earlier: readonly Statement[],
): string | undefined {
  const named = original_transaction_id ?? transaction_id;
  return named !== undefined && earlier.some((statement) => names(statement, named)) ? named : undefined;
}

/** Whether the statement is about money for the transaction: a take-back's own id names none. */
function names(statement: Statement, transaction: string): boolean {
  return statement.transaction_id === transaction && !isTakeBack(statement);
}

/** A repetition names the transaction of what it repeats. */
function wasApproved(transaction: string, earlier: readonly Statement[]): boolean {
  return earlier.some(
    ({ status, verdict, transaction_id }) =>
      transaction_id === transaction && status === 'approved' && (verdict === 'accepted' || verdict === 'duplicate'),
  );
}

/** Whether all that is known of the transaction waits for a person. */
export function isOnlyHeld(transaction: string, earlier: readonly Statement[]): boolean {
  const about = earlier.filter((statement) => names(statement, transaction));
  return about.some(({ verdict }) => verdict === 'held') && about.every(({ verdict }) => verdict !== 'accepted');
}

/** Whether it takes money back: a reversal, or a rejection where that is the network's word for a chargeback. */
export function isTakeBack({ status, chargeback }: Pick<Said, 'status' | 'chargeback'>): boolean {
  return status === 'reversed' || (status === 'rejected' && chargeback === true);
}

export function hasAmount({ amount }: Pick<Said, 'amount'>): boolean {
  return amount?.gt(0) === true;
}
