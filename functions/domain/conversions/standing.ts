import type Big from 'big.js';
import type { Counted, Said, Statement } from '../conversion.ts';
import { smaller, zero } from '../money.ts';
import type { ForwardedStatus } from '../status.ts';

/** What is paid for at the moment: one approval and what is left of it, upward. */
export interface Paid {
  readonly transaction_id?: string | undefined;
  /** What the approval said. Absent: no amount was sent. */
  readonly amount: Big | undefined;
  /** What take-backs have left of it; `all` while nothing was taken. */
  readonly left: Big | 'all';
  /** ISO 8601. It waits in a hold period: it stands like anything that is paid, and is worth nothing yet (contract 2.1). */
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

/** Where a conversion stands after what was said of it. */
export interface Standing {
  /** Absent: nothing has been accepted. */
  readonly status?: ForwardedStatus | undefined;
  readonly paid?: Paid | undefined;
  /** An approval was accepted before. */
  readonly approved: boolean;
  readonly early: readonly Early[];
  /** Approvals that named no transaction, and that no later one has turned out to be. */
  readonly unnamed: number;
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

const nothing: Standing = { approved: false, early: [], unnamed: 0 };

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
      changes.push({ paid: standing.paid, moved: visibleStatus(standing) !== visibleStatus(before) });
  }
  return { standing, changes };
}

/** What everybody sees: what waits in a hold period is pending, whatever was taken back of it. */
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

/** What was approved without a transaction is, by the first repetition that names one, that transaction's. */
function adopt(standing: Standing, { status, transaction_id, of_held }: Statement, earlier: readonly Statement[]): Standing {
  const { paid, unnamed } = standing;
  if (status !== 'approved' || transaction_id === undefined || of_held || unnamed === 0 || wasApproved(transaction_id, earlier))
    return standing;
  const names = paid !== undefined && paid.transaction_id === undefined;
  return { ...standing, unnamed: unnamed - 1, paid: names ? { ...paid, transaction_id } : paid };
}

/** A take-back that waits for a person counts all the same once its original comes; only setting it aside forgets it (contract 1.5). */
function isRemembered({ verdict, code, ...said }: Statement): boolean {
  return verdict === 'held' && (code === 'outside_window' || code === 'unknown_event') && isTakeBack(said);
}

/**
 * Take-backs that came before net with it: those about its transaction, and with the first approval those about none. One that names
 * the transaction of what is paid already is that payment: it brings only the take-backs that waited for the name.
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
 * Whether what is paid may be the transaction's. An approval that named none may be that of any pending or rejection that was accepted,
 * as long as the transaction has had no approval of its own.
 */
export function concerns({ transaction_id }: Pick<Paid, 'transaction_id'>, transaction: string, earlier: readonly Statement[]): boolean {
  if (transaction_id !== undefined) return transaction === transaction_id;
  const about = earlier.filter((one) => names(one, transaction));
  return about.some(hasCounted) && !about.some(({ status }) => status === 'approved');
}

/** A repetition names what it repeats. */
export function hasCounted({ verdict, of_held }: Statement): boolean {
  return verdict === 'accepted' || (verdict === 'duplicate' && !of_held);
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
  if (paid !== undefined && (about === undefined || concerns(paid, about, earlier)))
    return { ...standing, paid: taken(paid, statement.amount), status };
  // What comes before the approval that it is about waits for it; what comes when nothing is left takes nothing.
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

/** The transaction that a statement is about, if one that is known was named (contract 1.5). */
export function knownTransaction(
  { transaction_id, original_transaction_id, own_id }: Pick<Said, 'transaction_id' | 'original_transaction_id' | 'own_id'>,
  earlier: readonly Statement[],
): string | undefined {
  const named = original_transaction_id ?? (own_id ? undefined : transaction_id);
  return named !== undefined && earlier.some((statement) => names(statement, named)) ? named : undefined;
}

/** Whether the statement is about money for the transaction: a take-back's own id names none. */
function names(statement: Statement, transaction: string): boolean {
  return statement.transaction_id === transaction && !isTakeBack(statement);
}

function wasApproved(transaction: string, earlier: readonly Statement[]): boolean {
  return earlier.some((one) => one.transaction_id === transaction && one.status === 'approved' && hasCounted(one));
}

/** Whether nothing that is known of the transaction was ever accepted: it is held, or was until somebody decided. */
export function isOnlyHeld(transaction: string, earlier: readonly Statement[]): boolean {
  const about = earlier.filter((statement) => names(statement, transaction));
  return about.length > 0 && !about.some(hasCounted);
}

/** Whether it takes money back: a reversal, or a rejection where that is the network's word for a chargeback. */
export function isTakeBack({ status, chargeback }: Pick<Said, 'status' | 'chargeback'>): boolean {
  return status === 'reversed' || (status === 'rejected' && chargeback === true);
}

export function hasAmount({ amount }: Pick<Said, 'amount'>): boolean {
  return amount?.gt(0) === true;
}
