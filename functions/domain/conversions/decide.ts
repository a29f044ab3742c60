import type { HeldCode } from '../codes.ts';
import type { Said, Statement } from '../conversion.ts';
import { zero } from '../money.ts';
import {
  concerns,
  hasAmount,
  hasCounted,
  isOnlyHeld,
  isTakeBack,
  knownTransaction,
  type Paid,
  type Standing,
  standingOf,
} from './standing.ts';

export type Decision =
  /** `closes`: log ids of held statements that this one settles, paying and taking nothing. */
  | { readonly kind: 'accepted'; readonly closes: readonly string[] }
  /**
   * `remember`: it changes nothing, but no earlier statement says exactly this, so it is kept. `ofHeld`: everything that it repeats is
   * held.
   */
  | { readonly kind: 'duplicate'; readonly remember: boolean; readonly ofHeld: boolean }
  | { readonly kind: 'held'; readonly code: HeldCode };

/** A statement that is being made, and how. */
export interface Saying extends Said {
  readonly reason?: string | undefined;
  /** The status word that was sent, in lower case, whatever it means by now. */
  readonly sent_word?: string | undefined;
  /** It must not be accepted as it is. If it was said before, it is a duplicate all the same. */
  readonly hold?: HeldCode | undefined;
  /** A person says it, about a held postback or about the conversion itself: it may contradict earlier statements. */
  readonly byHand?: 'held' | 'conversion' | undefined;
}

/** The currency that an amount has given the conversion, if any, and the currency of amounts that come without one. */
interface Money {
  readonly known: string | undefined;
  readonly currency: string;
}

const accepted: Decision = { kind: 'accepted', closes: [] };
const duplicate: Decision = { kind: 'duplicate', remember: true, ofHeld: false };
const conflict: Decision = { kind: 'held', code: 'conflict' };
const reapproval: Decision = { kind: 'held', code: 'reapproval' };

/**
 * Decides what one more statement does to a conversion (contract 1.5). This is the heart of "telling any part of a story again changes
 * nothing". The decision depends only on what was said.
 *
 * @param all everything that was said about the conversion so far; empty for a new one.
 * @param defaultCurrency ISO 4217, for amounts that come without one.
 */
export function decide(all: readonly Statement[], saying: Saying, defaultCurrency: string): Decision {
  const standing = standingOf(all, defaultCurrency);
  // Nobody says that a hold period is over, and a moved statement was about another conversion.
  const statements = all.filter(({ releases, moved }) => !releases && !moved);
  const currency = standing.currency ?? defaultCurrency;
  const money: Money = { known: standing.currency, currency };
  const same = statements.filter((statement, index) => saysTheSame(statement, saying, money, statements, index));
  if (!saying.byHand) {
    if (same.length > 0 && !pleads(statements, saying, standing))
      return {
        kind: 'duplicate',
        remember: !same.some((statement) => isWordForWord(statement, saying)),
        ofHeld: same.every(({ verdict, of_held }) => of_held || verdict === 'held' || verdict === 'closed'),
      };
    if (saying.hold !== undefined || saying.status === undefined) return { kind: 'held', code: saying.hold ?? 'unknown_status' };
  }
  if (contradictsCurrency(standing, saying, currency)) return conflict;
  if (saying.byHand) {
    // What is paid must be taken back first: one decision never pays for two approvals.
    const pays = saying.status === 'approved' || saying.status === 'pending';
    const standsInTheWay = saying.byHand === 'held' && pays && standing.paid !== undefined;
    return standsInTheWay ? conflict : { kind: 'accepted', closes: heldOf(statements, saying) };
  }
  if (isTakeBack(saying)) return decideTakeBack(statements, saying, standing);
  switch (saying.status) {
    case 'approved':
      return decideApproval(statements, saying, standing, currency);
    case 'pending':
      return decidePending(statements, saying, standing);
    case 'rejected':
      return decideRejection(statements, saying, standing);
    case 'reversed':
    case undefined:
      return conflict;
    default:
      return saying.status satisfies never;
  }
}

/**
 * Two statements that say the same are one postback, whatever else they carry and however often they come (contract 1.5). Whether a
 * take-back means all is judged for both at the position of the first one, so that later statements do not make them different.
 */
function saysTheSame(
  statement: Statement,
  saying: Saying,
  { known, currency }: Money,
  statements: readonly Statement[],
  index: number,
): boolean {
  // A person's decision about an unknown word stays in force, even if the word has been given a meaning since.
  const decided = statement.by !== undefined && statement.status !== undefined && statement.word !== undefined;
  const means = statement.status === saying.status || (isTakeBack(statement) && isTakeBack(saying));
  return (
    (decided ? means || statement.word === saying.sent_word : means && statement.word === saying.word) &&
    statement.transaction_id === saying.transaction_id &&
    statement.original_transaction_id === saying.original_transaction_id &&
    (!hasAmount(statement) || !hasAmount(saying) || (statement.currency ?? currency) === (saying.currency ?? currency)) &&
    (isTakeBack(saying)
      ? (statement.amount ?? zero).eq(saying.amount ?? zero) ||
        // A repetition means what the repeated statement means at its own position.
        (statement.verdict !== 'duplicate' && takesAll(statement, statements, known, index) && takesAll(saying, statements, known, index))
      : (statement.amount ?? zero).eq(saying.amount ?? zero))
  );
}

/**
 * Whether one of the statements is the same take-back: it names the same ids or, without any, says the same.
 *
 * @param verdict the verdict that it must have; absent: any.
 */
export function wasTakenBackBy(
  statements: readonly Statement[],
  saying: Saying,
  defaultCurrency: string,
  verdict?: Statement['verdict'],
): boolean {
  const named = saying.transaction_id !== undefined || saying.original_transaction_id !== undefined;
  const { currency: known } = standingOf(statements, defaultCurrency);
  const money: Money = { known, currency: known ?? defaultCurrency };
  const isSame = (one: Statement, index: number): boolean =>
    named ? hasSameIds(one, saying) : one.any_event === saying.any_event && saysTheSame(one, saying, money, statements, index);
  return statements.some(
    (one, index) => isTakeBack(one) && !one.moved && (verdict === undefined || one.verdict === verdict) && isSame(one, index),
  );
}

/** A statement with another amount, reason or scope says the same now but may not always, so it is remembered in its own words. */
function isWordForWord(statement: Statement, saying: Saying): boolean {
  const pleadsTheSame = isTakeBack(saying) || statement.reason === saying.reason;
  return pleadsTheSame && statement.any_event === saying.any_event && (statement.amount ?? zero).eq(saying.amount ?? zero);
}

/**
 * Whether a take-back means everything: it has no amount, or at least the whole amount (contract 1.5).
 *
 * @param known the conversion's currency, once an amount has given it one.
 * @param index its position among the statements; absent: it is being made now.
 */
function takesAll(said: Said, statements: readonly Statement[], known: string | undefined, index = statements.length): boolean {
  const { amount, currency = known } = said;
  if (amount === undefined || amount.lte(0)) return true;
  if (currency !== known && known !== undefined) return false;
  const isApproval = ({ status, verdict }: Statement): boolean => status === 'approved' && verdict === 'accepted';
  const original = statements.slice(0, index).findLast(isApproval) ?? statements.slice(index).find(isApproval);
  return original !== undefined && amount.gte(original.amount ?? zero);
}

/** An approval after a take-back that gives another reason asks a person to pay again. */
function pleads(statements: readonly Statement[], saying: Saying, standing: Standing): boolean {
  if (saying.status !== 'approved' || saying.reason === undefined || !standing.approved || !wasTakenBack(standing)) return false;
  return !statements.some(({ status, reason }) => status === 'approved' && reason === saying.reason);
}

function wasTakenBack({ paid, approved }: Standing): boolean {
  return approved && (paid === undefined || paid.left !== 'all');
}

/** An amount in another currency cannot be compared with what is recorded. A take-back of everything names no amount. */
function contradictsCurrency(standing: Standing, saying: Saying, currency: string): boolean {
  return standing.currency !== undefined && hasAmount(saying) && (saying.currency ?? currency) !== standing.currency;
}

function decideApproval(statements: readonly Statement[], saying: Saying, standing: Standing, currency: string): Decision {
  const { paid, approved, early } = standing;
  if (paid === undefined) return approved ? decideReapproval(statements, saying, standing, currency) : accepted;
  if (isOther(paid, saying)) return conflict;
  if (pleads(statements, saying, standing)) return reapproval;
  if (!repeatsPaid(paid, saying)) return conflict;
  // It names the transaction that is paid, so take-backs that waited for this name now take effect.
  const brings = paid.transaction_id === undefined && early.some(({ about }) => about !== undefined && about === saying.transaction_id);
  return brings ? accepted : duplicate;
}

function isOther({ transaction_id }: Paid, { transaction_id: named }: Said): boolean {
  return transaction_id !== undefined && named !== undefined && transaction_id !== named;
}

/** A statement without a transaction never conflicts: it may be about the one that is paid (contract 1.5). */
function repeatsPaid(paid: Paid, said: Said): boolean {
  return !isOther(paid, said) && (paid.amount ?? zero).eq(said.amount ?? zero);
}

/**
 * After a take-back, an approval pays again only if it names a transaction that the conversion has not seen. The first transaction that is
 * named after an approval without one may be the transaction of that approval.
 */
function decideReapproval(statements: readonly Statement[], saying: Saying, { unnamed }: Standing, currency: string): Decision {
  const approvals = statements.filter(({ status }) => status === 'approved');
  const { transaction_id: named } = saying;
  const seen = approvals.filter(({ transaction_id }) => transaction_id === named);
  const pleading = saying.reason !== undefined && !approvals.some(({ reason }) => reason === saying.reason);
  const isSameAmount = (one: Statement): boolean =>
    (one.amount ?? zero).eq(saying.amount ?? zero) && (!hasAmount(saying) || (one.currency ?? currency) === (saying.currency ?? currency));
  const repeated = (of: readonly Statement[]): Decision => (!pleading && of.some(isSameAmount) ? duplicate : reapproval);
  if (named === undefined) return repeated(approvals);
  if (seen.length > 0) return repeated(seen);
  if (isOnlyTakeBacks(statements, named)) return reapproval;
  return unnamed > 0
    ? repeated(approvals.filter(({ transaction_id, verdict }) => transaction_id === undefined && verdict === 'accepted'))
    : accepted;
}

/** Whether the id has so far been only the own id of take-backs. */
function isOnlyTakeBacks(statements: readonly Statement[], id: string): boolean {
  const own = statements.some((one) => isTakeBack(one) && one.transaction_id === id);
  return own && !statements.some((one) => one.original_transaction_id === id || (one.transaction_id === id && !isTakeBack(one)));
}

function decidePending(statements: readonly Statement[], saying: Saying, standing: Standing): Decision {
  if (standing.status === undefined) return accepted;
  if (standing.status !== 'pending') return conflict;
  const last = statements.findLastIndex(({ status, verdict }) => status === 'pending' && verdict === 'accepted');
  // A repetition that names a transaction tells which one the pending statement is about.
  const transaction_id = statements
    .slice(last)
    .find((one) => one.status === 'pending' && hasCounted(one) && one.transaction_id !== undefined)?.transaction_id;
  return repeatsPaid({ transaction_id, amount: statements[last]?.amount, left: 'all' }, saying) ? duplicate : conflict;
}

function decideRejection(statements: readonly Statement[], saying: Saying, standing: Standing): Decision {
  const about = saying.original_transaction_id ?? knownTransaction(saying, statements);
  if (about !== undefined && isOnlyHeld(about, statements)) return { kind: 'accepted', closes: heldOf(statements, saying) };
  const { paid, status } = standing;
  // A rejection that names another transaction is not about what is paid.
  if (paid !== undefined) return about === undefined || concerns(paid, about, statements) ? accepted : conflict;
  if (status === 'rejected') {
    const last = statements.findLast((one) => one.status === 'rejected' && one.verdict === 'accepted');
    return (last?.amount ?? zero).eq(saying.amount ?? zero) ? duplicate : conflict;
  }
  return status === 'reversed' ? conflict : accepted;
}

/**
 * A take-back is accepted whenever it comes, unless an earlier take-back with its ids has said the same or something different (contract
 * 1.5).
 */
function decideTakeBack(statements: readonly Statement[], saying: Saying, standing: Standing): Decision {
  const named = saying.transaction_id !== undefined || saying.original_transaction_id !== undefined;
  const before = statements.flatMap((one, index) =>
    named && isTakeBack(one) && hasSameIds(one, saying) && one.code !== 'conflict' && one.verdict !== 'duplicate'
      ? [{ all: takesAll(one, statements, standing.currency, index) }]
      : [],
  );
  const tookAll = before.some(({ all }) => all);
  // Without an amount, it takes the rest after a part under the same id. With one, it may be unknown yet of what it is a part; after a
  // take-back of everything it takes nothing in either case.
  if (before.length > 0 && hasAmount(saying)) return tookAll && !standing.approved ? duplicate : conflict;
  if (tookAll) return duplicate;
  const about = knownTransaction(saying, statements);
  if (about === undefined || !isOnlyHeld(about, statements)) return accepted;
  const isPart = ({ transaction_id, status, verdict, amount }: Statement): boolean =>
    transaction_id === about &&
    (status === 'approved' || status === undefined) &&
    verdict === 'held' &&
    amount?.gt(saying.amount ?? zero) === true;
  return hasAmount(saying) && statements.some(isPart) ? conflict : { kind: 'accepted', closes: heldOf(statements, saying) };
}

export function hasSameIds(one: Said, other: Said): boolean {
  return one.transaction_id === other.transaction_id && one.original_transaction_id === other.original_transaction_id;
}

/** Log ids of what is held for the transaction that is named. */
function heldOf(statements: readonly Statement[], saying: Said): readonly string[] {
  const about = knownTransaction(saying, statements);
  if (about === undefined || saying.status === 'approved' || saying.status === 'pending' || !isOnlyHeld(about, statements)) return [];
  return statements.flatMap(({ transaction_id, verdict, log_id }) => (verdict === 'held' && transaction_id === about ? [log_id] : []));
}
