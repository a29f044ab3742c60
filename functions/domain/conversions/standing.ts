import type Big from 'big.js';
import type { Counted, Said, Statement } from '../conversion.ts';
import { smaller, zero } from '../money.ts';
import type { ForwardedStatus } from '../status.ts';

/** What is paid at present: one approval and what is left of it, upward. */
export interface Paid {
  readonly transaction_id?: string | undefined;
  /** The amount of the approval. Absent: none was sent. */
  readonly amount: Big | undefined;
  /** What take-backs have left of it; `all` while nothing has been taken. */
  readonly left: Big | 'all';
  /** ISO 8601. The end of its hold period, in which it is treated like a paid one but is worth nothing yet (contract 2.1). */
  readonly until?: string | undefined;
  /** Where the offer's caps count it. */
  readonly counted?: readonly Counted[] | undefined;
}

/** A take-back that came before the approval that it is about. */
interface Early {
  readonly log_id: string;
  /** Only for this transaction; absent: for the first approval. */
  readonly about?: string | undefined;
  readonly amount: Big | undefined;
  readonly status: 'reversed' | 'rejected';
}

/** The state of a conversion after everything that was said about it. */
export interface Standing {
  /** Absent: nothing has been accepted. */
  readonly status?: ForwardedStatus | undefined;
  readonly paid?: Paid | undefined;
  /** Whether an approval was ever accepted. */
  readonly approved: boolean;
  readonly early: readonly Early[];
  /** The number of approvals that named no transaction and that no later one has identified. */
  readonly unnamed: number;
  /** Currency of the amounts: that of the first accepted statement with an amount (contract 1.2). Absent: none had one. */
  readonly currency?: string | undefined;
}

/** What an accepted statement changed. */
export interface Change {
  /** What is paid from now on. */
  readonly paid: Paid | undefined;
  /** Whether the publisher can see the change whatever the amounts are, because the status differs. */
  readonly moved: boolean;
}

const nothing: Standing = { approved: false, early: [], unnamed: 0 };

/**
 * Computes from everything that was said the conversion's present state, and what each accepted statement changed, in order.
 *
 * @param defaultCurrency ISO 4217, for amounts that come without one.
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
      changes.push({ paid: standing.paid, moved: visibleStatus(standing) !== visibleStatus(before) });
  }
  return { standing, changes };
}

/** The status that everybody sees: an approval in its hold period is pending, whatever was taken back of it. */
export function visibleStatus({ status, paid }: Standing): ForwardedStatus | undefined {
  return paid?.until === undefined ? status : 'pending';
}

/** @see replay */
export function standingOf(statements: readonly Statement[], defaultCurrency: string): Standing {
  return replay(statements, defaultCurrency).standing;
}

function after(before: Standing, statement: Statement, earlier: readonly Statement[], defaultCurrency: string): Standing {
  if (statement.verdict === 'duplicate') return adopt(before, statement, earlier);
  if (statement.moved) return before;
  if (statement.verdict !== 'accepted') return isRemembered(statement) ? takeBack(before, statement, earlier) : before;
  const standing = { ...before, currency: before.currency ?? (hasAmount(statement) ? (statement.currency ?? defaultCurrency) : undefined) };
  if (statement.rule_id !== undefined) return { ...standing, status: 'rejected' };
  if (statement.releases) return { ...standing, paid: standing.paid && { ...standing.paid, until: undefined } };
  switch (statement.status) {
    case 'pending':
      return { ...standing, status: 'pending' };
    case 'approved':
      return approve(standing, statement, earlier);
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

/** The first repetition that names a transaction gives it to an approval that named none. */
function adopt(standing: Standing, { status, transaction_id, of_held }: Statement, earlier: readonly Statement[]): Standing {
  const { paid, unnamed } = standing;
  if (status !== 'approved' || transaction_id === undefined || of_held || unnamed === 0 || wasApproved(transaction_id, earlier))
    return standing;
  const names = paid !== undefined && paid.transaction_id === undefined;
  return { ...standing, unnamed: unnamed - 1, paid: names ? { ...paid, transaction_id } : paid };
}

/** Whether a take-back that waits for a person counts once its original comes; only setting it aside forgets it (contract 1.5). */
function isRemembered({ verdict, code, ...said }: Statement): boolean {
  return verdict === 'held' && (code === 'outside_window' || code === 'unknown_event') && isTakeBack(said);
}

/**
 * Take-backs that came before reduce the approval: those about its transaction and, for the first approval, those about none. An approval
 * that names the transaction of what is already paid is that payment, and only applies the take-backs that waited for the name.
 */
function approve(
  standing: Standing,
  { transaction_id, amount, by, release_at: until, counted }: Statement,
  earlier: readonly Statement[],
): Standing {
  const named = by === undefined && standing.paid !== undefined;
  const approval: Paid = named ? { ...standing.paid, transaction_id } : { transaction_id, amount, left: 'all', until, counted };
  const meant = ({ about }: Early): boolean => (about === undefined ? !standing.approved : concerns(approval, about, earlier));
  const netted = standing.early.filter(meant);
  const early = standing.early.filter((one) => !meant(one));
  const paid = netted.reduce<Paid | undefined>((left, take) => left && taken(left, take.amount), approval);
  const [first] = netted;
  const unnamed = standing.unnamed + (transaction_id === undefined ? 1 : named ? -1 : 0);
  const status = first === undefined ? (named ? standing.status : 'approved') : first.status;
  return { ...standing, early, paid, approved: true, unnamed, status };
}

/**
 * Whether what is paid may belong to the transaction. An approval without a transaction may belong to any accepted pending or rejection, as
 * long as that transaction has had no approval of its own.
 */
export function concerns({ transaction_id }: Pick<Paid, 'transaction_id'>, transaction: string, earlier: readonly Statement[]): boolean {
  if (transaction_id !== undefined) return transaction === transaction_id;
  const about = earlier.filter((one) => names(one, transaction));
  return about.some(hasCounted) && !about.some(({ status }) => status === 'approved');
}

/** Whether a statement counts as said. A repetition names what it repeats, so it counts too, unless all of that is held. */
export function hasCounted({ verdict, of_held }: Statement): boolean {
  return verdict === 'accepted' || (verdict === 'duplicate' && !of_held);
}

/**
 * A rejection applies to what stands at its position. One by hand, of what was never approved, sets aside the take-backs that came early.
 */
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
  if (paid !== undefined && (about === undefined || concerns(paid, about, earlier)))
    return { ...standing, paid: taken(paid, statement.amount), status };
  // A take-back before the approval that it is about waits for it; one that comes when nothing is left takes nothing.
  const waits = about === undefined ? !standing.approved : !wasApproved(about, earlier);
  const early = waits
    ? [...standing.early, { log_id: statement.log_id, about, amount: statement.amount, status } as const]
    : standing.early;
  const visible = waits && statement.verdict === 'accepted' && paid === undefined && !standing.approved;
  return { ...standing, early, ...(visible ? { status } : {}) };
}

function taken(paid: Paid, part: Big | undefined): Paid | undefined {
  const { amount, left } = paid;
  const whole = left === 'all' ? (amount ?? zero) : left;
  if (part === undefined || part.lte(0) || part.gte(whole)) return undefined;
  return { ...paid, left: whole.minus(smaller(part, whole)) };
}

/** The transaction that a statement is about, if it names one that is known (contract 1.5). */
export function knownTransaction(
  { transaction_id, original_transaction_id, own_id }: Pick<Said, 'transaction_id' | 'original_transaction_id' | 'own_id'>,
  earlier: readonly Statement[],
): string | undefined {
  const named = original_transaction_id ?? (own_id ? undefined : transaction_id);
  return named !== undefined && earlier.some((statement) => names(statement, named)) ? named : undefined;
}

/** Whether the statement is about money for the transaction; a take-back's own id is not. */
function names(statement: Statement, transaction: string): boolean {
  return statement.transaction_id === transaction && !isTakeBack(statement);
}

function wasApproved(transaction: string, earlier: readonly Statement[]): boolean {
  return earlier.some((one) => one.transaction_id === transaction && one.status === 'approved' && hasCounted(one));
}

/** Whether nothing about the transaction was ever accepted: it is held, or was until somebody decided. */
export function isOnlyHeld(transaction: string, earlier: readonly Statement[]): boolean {
  const about = earlier.filter((statement) => names(statement, transaction));
  return about.length > 0 && !about.some(hasCounted);
}

/** Whether it takes money back: a reversal, or a rejection if that is the network's word for a chargeback. */
export function isTakeBack({ status, chargeback }: Pick<Said, 'status' | 'chargeback'>): boolean {
  return status === 'reversed' || (status === 'rejected' && chargeback === true);
}

export function hasAmount({ amount }: Pick<Said, 'amount'>): boolean {
  return amount?.gt(0) === true;
}
