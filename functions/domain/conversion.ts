import type Big from 'big.js';
import type { HeldCode } from './codes.ts';
import type { OfferId, PartnerId, PlacementId, PublisherId } from './ids.ts';
import { zero } from './money.ts';
import type { Terms } from './revenue-share.ts';
import type { ConversionStatus, ForwardedStatus } from './status.ts';

/** One accepted change of a conversion: what a postback (or an admin) said, in the order it was recorded. */
export interface Step {
  readonly status: ForwardedStatus;
  /** The log entry of the postback that caused it. */
  readonly log_id: string;
  /** ISO 8601. */
  readonly at: string;
  /** Upward amount sent, in the conversion's currency. */
  readonly amount?: Big | undefined;
  readonly transaction_id?: string | undefined;
  /** The transaction id is ours, so it never takes part in a comparison (contract 1.2). */
  readonly generated?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly ip?: string | undefined;
  readonly country?: string | undefined;
  readonly device_id?: string | undefined;
  /** Nothing that the publisher can see changed: not forwarded. */
  readonly silent?: boolean | undefined;
  /** A reversal that came early, booked with its original: its postback has been counted already. */
  readonly early?: boolean | undefined;
  /** The admin who made it by hand. */
  readonly by?: string | undefined;
}

/** What settling a step came to. */
export interface Settlement {
  /** Change of the downward payout; negative when taken back. For `pending`: what it would be. */
  readonly payout: Big;
  /** Change of the user's points; for `pending`: what it would be. */
  readonly points: Big;
  readonly at: string;
  /** Absent: nothing is forwarded for this step. */
  readonly deliveries?: readonly Announced[] | undefined;
}

/** A delivery that a settled step has led to. */
export interface Announced {
  readonly delivery_id: string;
  /** Absent: the plain postback, or there was none. */
  readonly postback_id?: string | undefined;
}

/** A reversal that came before its original (contract 1.5). */
export interface EarlyReversal {
  readonly log_id: string;
  readonly amount?: Big | undefined;
  readonly transaction_id?: string | undefined;
  readonly reason?: string | undefined;
  /** The id under which it is held meanwhile, if it is. */
  readonly held_as?: string | undefined;
}

/** What one click earned for one event. */
export interface Conversion {
  readonly conversion_id: string;
  readonly partner_id: PartnerId;
  readonly publisher_id: PublisherId;
  readonly placement_id?: PlacementId | undefined;
  readonly offer_id: OfferId;
  readonly click_id: string;
  readonly event: string;
  readonly user_id: string;
  readonly status: ConversionStatus;
  /** Why it is held, when it is. */
  readonly code?: HeldCode | undefined;
  /** Currency of the upward amounts, ISO 4217. */
  readonly currency: string;
  readonly matched_by: 'click_id' | 'recent_offer' | 'latest_click';
  /** Log id of the first postback: sorts conversions by time. */
  readonly listed_at: string;
  readonly created_at: string;
  readonly partner_conversion_id?: string | undefined;
  /** What the publisher's macros need of the click. */
  readonly click: ClickFacts;
  readonly steps: readonly Step[];
  /** Fingerprints of the postbacks recorded here. */
  readonly seen: ReadonlySet<string>;
  readonly early_reversal?: EarlyReversal | undefined;
  /** Settlements of the first steps, in order: `settlements.length` steps are settled. */
  readonly settlements: readonly Settlement[];
  readonly terms?: Terms | undefined;
  /** What the user has from this conversion now. */
  readonly credited: Credited;
  /** Deliveries that have not been attempted yet. */
  readonly outbox: ReadonlySet<string>;
}

/** What a conversion is worth now. */
export interface Credited {
  /** What the partner owes for it, in the conversion's currency. */
  readonly upward: Big;
  /** What the publisher has, in the terms' currency. */
  readonly payout: Big;
  /** What the user has. */
  readonly points: Big;
}

/** What a conversion keeps of its click, so that settling and forwarding need not read it again. */
interface ClickFacts {
  readonly username?: string | undefined;
  readonly sub_ids?: Readonly<Record<string, string>> | undefined;
  readonly affiliate_id?: string | undefined;
  readonly ip?: string | undefined;
  readonly country?: string | undefined;
  readonly device_id?: string | undefined;
}

/** What a postback says of a conversion, once its click is known. */
export interface Statement {
  readonly step: Step;
  readonly currency: string;
  readonly fingerprint: string;
  /** What is held and processed again: the conversion may remember it, and it is no repetition of itself. */
  readonly again?: boolean | undefined;
  /** Made by a person: it may contradict what is recorded. */
  readonly byHand?: boolean | undefined;
}

export type Decision =
  /**
   * `steps` are appended in order; `status` is the conversion's from now on.
   * `earlyReversal` is what it remembers from now on of a reversal whose original has not come.
   */
  | {
      readonly kind: 'accepted';
      readonly steps: readonly Step[];
      readonly status: ForwardedStatus;
      readonly earlyReversal: EarlyReversal | undefined;
      /** The reversal that was remembered and is booked now. */
      readonly brings?: EarlyReversal | undefined;
    }
  | { readonly kind: 'duplicate' }
  /** Nobody is paid; a reversal that came too early is remembered all the same, so that the order of arrival does not change the balance. */
  | { readonly kind: 'held'; readonly code: HeldCode; readonly earlyReversal: EarlyReversal | undefined };

/** Changes a conversion may make (contract 1.5). Anything else repeats or contradicts what is recorded. */
const moves: Readonly<Record<ConversionStatus, readonly ForwardedStatus[]>> = {
  held: ['pending', 'approved', 'rejected', 'reversed'],
  pending: ['approved', 'rejected'],
  approved: ['rejected', 'reversed'],
  rejected: ['approved'],
  reversed: ['approved'],
};

/** More changes than this are a loop between two systems, not a story: they wait for a person. */
const mostSteps = 200;

/**
 * Decides what a statement does to a conversion (contract 1.5): the heart of "order and repetition never change the final balance".
 *
 * @param existing what is recorded for the click and event; `undefined` when nothing is.
 */
export function decide(existing: Conversion | undefined, statement: Statement): Decision {
  const { step, byHand, again } = statement;
  if (existing === undefined) return accept(step, step.status === 'reversed' ? earlyReversalOf(step) : undefined);
  if (existing.seen.has(statement.fingerprint) && !again) return { kind: 'duplicate' };
  if (existing.status === step.status && repeats(existing, statement)) return { kind: 'duplicate' };
  if (existing.steps.length >= mostSteps || contradictsCurrency(existing, statement)) return hold(existing, step);
  if (byHand) return accept(step, undefined);
  if (!moves[existing.status].includes(step.status)) return hold(existing, step);
  const reversal = existing.early_reversal;
  return step.status === 'approved' && reversal !== undefined ? netReversal(existing, reversal, step) : accept(step, reversal);
}

function accept(step: Step, earlyReversal: EarlyReversal | undefined): Decision {
  return { kind: 'accepted', steps: [step], status: step.status, earlyReversal };
}

/** The original of a reversal that came first: both are booked, and the conversion stays reversed. */
function netReversal({ status }: Conversion, reversal: EarlyReversal, original: Step): Decision {
  const partial = reversal.amount?.gt(0) && original.amount !== undefined && reversal.amount.lt(original.amount);
  // A publisher that already knows "reversed, nothing credited" has news only of a remainder; one that knows it as pending, of both.
  const silent = partial || status !== 'reversed' ? {} : { silent: true };
  const { log_id, amount, transaction_id, reason } = reversal;
  const taken: Step = { status: 'reversed', log_id, at: original.at, amount, transaction_id, reason, early: true, ...silent };
  return { kind: 'accepted', steps: [{ ...original, ...silent }, taken], status: 'reversed', earlyReversal: undefined, brings: reversal };
}

/** Held, never silently paid or dropped. A reversal of what has not been approved yet still counts once the original comes. */
function hold(existing: Conversion, step: Step): Decision {
  const early = step.status === 'reversed' && existing.early_reversal === undefined && !wasApproved(existing);
  return { kind: 'held', code: 'conflict', earlyReversal: early ? earlyReversalOf(step) : existing.early_reversal };
}

/** Amounts in another currency cannot be compared with what is recorded; what takes everything back names no amount. */
function contradictsCurrency(existing: Conversion, { step, currency }: Statement): boolean {
  return existing.currency !== currency && step.amount !== undefined && step.amount.gt(0);
}

function wasApproved(conversion: Conversion): boolean {
  return conversion.steps.some((step) => step.status === 'approved');
}

/** The same status again: a repetition when amount and currency agree and, for what pays, no other transaction is named. */
function repeats(existing: Conversion, { step, currency }: Statement): boolean {
  const last = existing.steps.findLast((recorded) => recorded.status === step.status);
  if (last === undefined) return false;
  const sameAmount = (last.amount ?? zero).eq(step.amount ?? zero) && existing.currency === currency;
  const pays = step.status === 'pending' || step.status === 'approved';
  const otherTransaction = pays && !last.generated && !step.generated && last.transaction_id !== step.transaction_id;
  return sameAmount && !otherTransaction;
}

function earlyReversalOf({ log_id, amount, transaction_id, reason }: Step): EarlyReversal {
  return { log_id, amount, transaction_id, reason };
}

/** Whether a conversion has nothing open but the one delivery in its outbox. */
export function isLast({ outbox, settlements, steps }: Pick<Conversion, 'outbox' | 'settlements' | 'steps'>): boolean {
  return outbox.size === 1 && settlements.length === steps.length;
}
