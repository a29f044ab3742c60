import type Big from 'big.js';
import { type Conversion, type Statement, stepsOf } from '../conversion.ts';
import { hasCounted, standingOf } from '../conversions/standing.ts';
import { smaller, zero } from '../money.ts';
import type { Postback } from '../postback/postback.ts';
import type { ForwardedStatus } from '../status.ts';

/** What one side states about a payment. Amounts are upward, in `currency`. */
export interface Stated {
  /** Absent: the status word is unknown. */
  readonly status: ForwardedStatus | 'held' | 'test' | undefined;
  /** The amount that was approved or is pending. Absent: none was named. */
  readonly amount?: Big | undefined;
  /** The amount of it that was taken back. */
  readonly taken?: Big | 'all' | undefined;
  /** What the partner owes for it. Absent: only the other side can tell. */
  readonly owed?: Big | undefined;
  readonly currency: string;
}

/** A row of a partner's file, as we understand it. */
export interface TheirRow {
  /** 1 for the first row after the header. */
  readonly row: number;
  readonly says: Pick<
    Postback,
    'clickId' | 'status' | 'statusWord' | 'payout' | 'currency' | 'transactionId' | 'originalTransactionId' | 'event' | 'eventSent'
  >;
}

/** Our record of a payment: a conversion, or a postback that waits for a person. */
export interface OurRecord {
  readonly conversion_id: string;
  readonly click_id?: string | undefined;
  readonly event: string;
  /** Transaction ids by which the record is known. */
  readonly transactions: ReadonlySet<string>;
  /** Whether it is about one transaction of a click that may have several. */
  readonly perTransaction: boolean;
  readonly stated: Stated;
  readonly statements: readonly Statement[];
  /** Why it is held. */
  readonly code?: Statement['code'];
  /** The log entry that gave it its present state. */
  readonly log_id: string;
  /** The log entry under which it is listed; its id contains the time. */
  readonly listed_at: string;
}

/** What we state about a conversion to the partner who pays for it: an approval in its hold period counts as approved. */
export function recordOf(conversion: Conversion): OurRecord | undefined {
  const { statements, default_currency, currency, conversion_id, click_id, event, transaction_id, listed_at } = conversion;
  const steps = stepsOf(conversion);
  const last = steps.at(-1);
  if (listed_at === undefined || last === undefined) return undefined;
  const { paid } = standingOf(statements, default_currency);
  const approved = steps.findLast(({ status }) => status === 'approved');
  const amount = paid?.amount ?? (approved ?? steps.findLast(({ status }) => status === 'pending'))?.amount;
  const owed = paid === undefined ? zero : paid.left === 'all' ? (paid.amount ?? zero) : paid.left;
  const isChargeback = steps.findLast(({ status }) => status === 'rejected')?.chargeback === true;
  const shown = conversion.status === 'rejected' && isChargeback ? 'reversed' : conversion.status;
  return {
    conversion_id,
    click_id,
    event,
    transactions: new Set(
      [transaction_id, ...statements.filter(hasCounted).flatMap((one) => [one.transaction_id, one.original_transaction_id])].filter(
        (id) => id !== undefined,
      ),
    ),
    perTransaction: transaction_id !== undefined,
    stated: {
      status: paid?.until === undefined ? shown : 'approved',
      amount,
      taken: shown === 'reversed' ? (owed.eq(0) ? 'all' : amount?.minus(owed)) : undefined,
      owed,
      currency,
    },
    statements,
    log_id: last.log_id,
    listed_at,
  };
}

/** What the rows of one payment state together, in any order: a take-back is about what the others approve. */
export function statedBy(rows: readonly TheirRow[], currency: string): Stated {
  const of = (...statuses: readonly TheirRow['says']['status'][]) => rows.filter(({ says }) => statuses.includes(says.status));
  const named = [...of('approved'), ...of('pending')].flatMap(({ says }) => says.payout ?? []);
  const common = { amount: named[0], currency: rows.flatMap(({ says }) => says.currency ?? [])[0] ?? currency };
  const takes = of('reversed');
  if (takes.length > 0) {
    const parts = takes.map(({ says }) => (says.payout?.gt(0) ? says.payout : undefined));
    const sum = parts.reduce<Big | undefined>((total, part) => total && part && total.plus(part), zero);
    const [amount] = named;
    const owed = sum === undefined ? zero : amount?.minus(smaller(sum, amount));
    return { ...common, status: 'reversed', taken: sum ?? 'all', owed };
  }
  if (of('rejected').length > 0) return { ...common, status: 'rejected', owed: zero };
  if (of('approved').length > 0) return { ...common, status: 'approved', owed: named[0] };
  if (of('pending').length > 0) return { ...common, status: 'pending', owed: zero };
  return { ...common, status: rows[0]?.says.status, owed: zero };
}

/**
 * What the partner owes according to its own file. What the file leaves open, such as a reversal without its original, follows from our
 * record.
 */
export function owedBy({ owed, taken }: Stated, ours: Stated | undefined): Big {
  if (owed !== undefined) return owed;
  if (taken === undefined || taken === 'all' || ours?.amount === undefined) return ours?.owed ?? zero;
  return ours.amount.minus(smaller(taken, ours.amount));
}

/** How two sides differ about one payment. A file that names no amount does not contradict ours. */
export function compareStated(theirs: Stated, ours: Stated): 'agreed' | 'other_amount' | 'other_status' {
  const same = (a: Big | undefined, b: Big | undefined) => a === undefined || (a.eq(b ?? zero) && theirs.currency === ours.currency);
  const byAmount = (agrees: boolean) => (agrees ? 'agreed' : 'other_amount');
  // For a payment that was partly taken back, a file may list only what is left.
  const net = theirs.status === 'approved' && ours.status === 'reversed' && ours.owed?.gt(0) && theirs.amount?.eq(ours.owed);
  if (net) return byAmount(theirs.currency === ours.currency);
  if (theirs.status !== ours.status || theirs.status === undefined) return 'other_status';
  if (theirs.status === 'rejected') return 'agreed';
  if (theirs.status !== 'reversed') return byAmount(same(theirs.amount, ours.amount));
  if (theirs.amount !== undefined && !same(theirs.amount, ours.amount)) return 'other_amount';
  if (theirs.taken === 'all') return byAmount(ours.owed?.eq(0) ?? true);
  if (ours.amount === undefined || theirs.taken === undefined) return 'agreed';
  return byAmount(same(smaller(theirs.taken, ours.amount), ours.amount.minus(ours.owed ?? zero)));
}
