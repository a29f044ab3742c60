import { errorCodes, heldCodes } from '../codes.ts';
import { type Statement, stepsOf } from '../conversion.ts';
import type { PostbackResult } from '../status.ts';
import type { OurRecord, TheirRow } from './stated.ts';

/** What happened to the postback of a payment that is missing or different on one side. */
export const receivedKinds = [
  'accepted',
  'held',
  'refused',
  'logged',
  'test',
  'nothing',
  'unreadable',
  'repeated_row',
  'other_transaction',
  'by_hand',
  'by_rule',
] as const;
type Received = (typeof receivedKinds)[number];

const words = {
  accepted: 'We have it as we accepted it, and have received nothing that says the same as the file',
  held: 'It waits for a decision',
  refused: 'We refused it when we received it',
  logged: 'It was sent as information only',
  test: 'It is a test and counts on neither side',
  nothing: 'We have received nothing with this transaction or click',
  unreadable: 'This row cannot be read',
  repeated_row: 'Another row of the file says the same',
  other_transaction: 'The click is known by another transaction',
  by_hand: 'A person decided this',
  by_rule: 'A rule decided this',
} as const satisfies Readonly<Record<Received, string>>;

export interface Reason {
  readonly received: Received;
  /** Why it is held or was refused. */
  readonly code?: string | undefined;
  /** A message that is more exact than the one for `received`. */
  readonly message?: string | undefined;
  readonly log_id?: string | undefined;
  readonly conversion_id?: string | undefined;
}

/** A log entry that names the transaction or the click. */
interface Entry {
  readonly log_id: string;
  readonly result: PostbackResult;
  readonly code?: string | undefined;
}

interface Difference {
  readonly rows: readonly TheirRow[];
  readonly ours?: OurRecord | undefined;
  readonly kind?: 'agreed' | 'other_amount' | 'other_status' | undefined;
  readonly entries: readonly Entry[];
  /** Another record of ours for the same click. */
  readonly besides?: OurRecord | undefined;
}

/** Explains why our records have a payment the way they do (contract section 4). */
export function explanationOf({ rows, ours, kind, entries, besides }: Difference): Reason {
  const newest = entries.toSorted((a, b) => (a.log_id < b.log_id ? 1 : -1));
  if (ours === undefined) {
    const open = newest.find(({ result }) => result === 'error' || result === 'held');
    if (open !== undefined) return ofEntry(open);
    if (besides !== undefined) return { received: 'other_transaction', ...identityOf(besides) };
    const [other] = newest;
    return other === undefined ? { received: 'nothing' } : ofEntry(other);
  }
  const about = identityOf(ours);
  if (ours.stated.status === 'held') return { received: 'held', code: ours.code, ...about };
  if (kind === undefined) return { received: 'accepted', message: 'We accepted it, but the file does not contain it', ...about };
  if (kind === 'agreed') return { received: 'accepted', message: 'Both say the same', ...about };
  const held = ours.statements.findLast((statement) => statement.verdict === 'held' && rows.some((row) => saidIn(statement, row)));
  if (held !== undefined)
    return { received: 'held', code: held.code, log_id: held.log_id, conversion_id: held.held_as ?? about.conversion_id };
  const later = newest.find(({ result, log_id }) => result === 'error' && log_id > ours.log_id);
  if (later !== undefined) return { ...ofEntry(later), conversion_id: about.conversion_id };
  const last = stepsOf(ours).at(-1);
  if (last?.rule_id !== undefined) return { received: 'by_rule', code: 'rule', message: `The rule ${last.rule_id} decided this`, ...about };
  if (last?.by !== undefined) return { received: 'by_hand', message: `${last.by} decided this: ${last.reason ?? ''}`, ...about };
  return { received: 'accepted', ...about };
}

function identityOf({ log_id, conversion_id }: OurRecord): Pick<Reason, 'log_id' | 'conversion_id'> {
  return { log_id, conversion_id };
}

/** Whether the statement says the same as the row. */
function saidIn({ status, word, amount }: Statement, { says }: TheirRow): boolean {
  const sameStatus = status === says.status || (status === undefined && word === says.statusWord?.toLowerCase());
  return sameStatus && (amount === undefined || says.payout === undefined || amount.eq(says.payout));
}

function ofEntry({ log_id, result, code }: Entry): Reason {
  return { received: receivedAs(result), code, log_id };
}

function receivedAs(result: PostbackResult): Received {
  switch (result) {
    case 'error':
      return 'refused';
    case 'held':
    case 'logged':
    case 'test':
    case 'accepted':
      return result;
    case 'duplicate':
      return 'accepted';
    default:
      return result satisfies never;
  }
}

/** The reason as a sentence. */
export function wordsOf({ received, code, message }: Reason): string {
  if (message !== undefined) return message;
  const known: Readonly<Record<string, string>> = {
    ...heldCodes,
    ...Object.fromEntries(Object.entries(errorCodes).map(([name, one]) => [name, one.message])),
  };
  const cause = code === undefined ? undefined : known[code];
  return cause === undefined ? words[received] : `${words[received]}: ${cause}`;
}
