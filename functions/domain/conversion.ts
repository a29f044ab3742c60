import type Big from 'big.js';
import type { HeldCode } from './codes.ts';
import type { ClickId, OfferId, PartnerId, PlacementId, PublisherId } from './ids.ts';
import type { Terms } from './revenue-share.ts';
import type { ConversionStatus, ForwardedStatus } from './status.ts';

/** What a postback, a row of a file or a person says about a conversion (contract 1.5): everything that makes two of them the same. */
export interface Said {
  /** Absent: the word is unknown, and the statement is always held. */
  readonly status?: ForwardedStatus | undefined;
  /** The unknown word in lower case. Beside a person's status: the word of the postback that the person decided about. */
  readonly word?: string | undefined;
  /** A rejection from a network whose chargebacks are rejections: it takes back like a reversal. */
  readonly chargeback?: boolean | undefined;
  /** The partner's transaction; absent: none was named. A generated id never takes part in a comparison (contract 1.2). */
  readonly transaction_id?: string | undefined;
  /** The earlier transaction that a take-back is about, if its own id is a different one. */
  readonly original_transaction_id?: string | undefined;
  /** The id is the take-back's own and names no transaction, so it is matched as if it had none (contract 1.8). */
  readonly own_id?: boolean | undefined;
  /** Upward amount in `currency`. Absent: `0` for an approval, everything that is left for a take-back. */
  readonly amount?: Big | undefined;
  /** ISO 4217, as sent. Absent: the conversion's currency. */
  readonly currency?: string | undefined;
  /** No event was named, so a take-back may be about any event of the click. */
  readonly any_event?: boolean | undefined;
}

/**
 * The decision about a statement. Only `accepted` statements change what a conversion is worth.
 * A `held` one waits for a person; a `closed` one was held and has since been decided, settled by its own reversal, or set aside.
 */
type Verdict = 'accepted' | 'duplicate' | 'held' | 'closed';

/**
 * One thing that was said about a conversion, with the decision about it. All of them are kept for good, in the order in which they came.
 */
export interface Statement extends Said {
  /** The log entry that contains all of it. */
  readonly log_id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly verdict: Verdict;
  /** Why it is held. */
  readonly code?: HeldCode | undefined;
  /** It repeats only what is held, so it counts no more than that. */
  readonly of_held?: boolean | undefined;
  /** While it is held: id of the row under which people find it. */
  readonly held_as?: string | undefined;
  /** A take-back that came early and named no event: it turned out to be about another event's conversion, which has it now. */
  readonly moved?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly ip?: string | undefined;
  readonly country?: string | undefined;
  readonly device_id?: string | undefined;
  /** The person who made the statement. */
  readonly by?: string | undefined;
  /** The rule that holds it; for an accepted one, the rule that rejects it, whatever the partner says (contract 2.1). */
  readonly rule_id?: string | undefined;
  /** ISO 8601. The end of an approval's hold period: until then the approval stands but is worth nothing (contract 2.1). */
  readonly release_at?: string | undefined;
  /** The end of a hold period. It has the transaction, amount and log id of the approval that waited. */
  readonly releases?: boolean | undefined;
  /** Where the offer's caps count this approval (contract 2.1). */
  readonly counted?: readonly Counted[] | undefined;
}

/** How a cap counts an approval: in one of its periods, as a conversion or by what is left of the upward amount. */
export interface Counted {
  /** The key of the cap and its period among the offer's counters. */
  readonly place: string;
  readonly of: 'conversions' | 'payout';
}

/** The result of settling an accepted statement. */
export interface Settlement {
  /** Change of the downward payout; negative when taken back. For `pending`: the expected change. */
  readonly payout: Big;
  /** Change of the user's points. For `pending`: the expected change. */
  readonly points: Big;
  readonly at: string;
  /** The number of this change among those that a publisher can see: 1, 2, 3, … Absent: the publisher does not see it. */
  readonly sequence?: number | undefined;
  /** The deliveries that report it. */
  readonly deliveries: readonly AnnouncedDelivery[];
}

/** A delivery that was decided on. Its own row appears with its first attempt. */
export interface AnnouncedDelivery {
  readonly delivery_id: string;
  /** The publisher's postback; absent: its plain one. */
  readonly postback_id?: string | undefined;
}

/**
 * What one click earned for one event and, where it may earn several times, for one transaction (contract 1.4). It contains everything that
 * was said about it; its state and its worth are functions of that ({@link standingOf}, {@link settle}).
 */
export interface Conversion {
  readonly conversion_id: string;
  /** Every write has the condition that the stored revision is the one that was read, and adds one to it. */
  readonly revision: number;
  readonly partner_id: PartnerId;
  readonly publisher_id: PublisherId;
  readonly placement_id?: PlacementId | undefined;
  readonly offer_id: OfferId;
  readonly click_id: ClickId;
  readonly event: string;
  /** The one transaction that it is about, where a click may earn several times. */
  readonly transaction_id?: string | undefined;
  readonly user_id: string;
  /** Follows from the statements; stored for the lists. */
  readonly status: ConversionStatus;
  /** Why it is held, if it is. */
  readonly code?: HeldCode | undefined;
  /** ISO 8601: when an approval in its hold period is paid; follows from the statements. Absent: nothing waits. */
  readonly release_at?: string | undefined;
  /** Currency of the upward amounts, ISO 4217: the first that came with an amount; follows from the statements. */
  readonly currency: string;
  /** Currency of amounts that came without one: the partner's at the time of the first statement. */
  readonly default_currency: string;
  readonly matched_by: 'click_id' | 'recent_offer' | 'latest_click';
  /** Log id of the first accepted statement, which sorts conversions by time. Absent: nothing has been accepted, and no list shows it. */
  readonly listed_at?: string | undefined;
  readonly created_at: string;
  readonly partner_conversion_id?: string | undefined;
  /** What the publisher's macros need from the click. */
  readonly click: ClickFacts;
  readonly statements: readonly Statement[];
  /**
   * Another conversion of the click has been paid, for another event or for this one. Take-backs that name less than that one do therefore
   * no longer wait here.
   */
  readonly opened?: 'elsewhere' | 'here' | undefined;
  /** Settlements of the first accepted statements, in order. */
  readonly settlements: readonly Settlement[];
  readonly terms?: Terms | undefined;
  /** What the user has from this conversion at present. */
  readonly credited: Credited;
}

/** What a conversion is worth at present. */
export interface Credited {
  /** What the partner owes for it, in the conversion's currency. */
  readonly upward: Big;
  /** What the publisher has, in the terms' currency. */
  readonly payout: Big;
  /** What the user has. */
  readonly points: Big;
}

/** What a conversion keeps of its click, so that settling and forwarding need not read the click again. */
interface ClickFacts {
  readonly username?: string | undefined;
  readonly sub_ids?: Readonly<Record<string, string>> | undefined;
  readonly affiliate_id?: string | undefined;
  readonly ip?: string | undefined;
  readonly country?: string | undefined;
  readonly device_id?: string | undefined;
  /** ISO 8601: a conversion outlives its click (contract 1.4). */
  readonly clicked_at?: string | undefined;
}

/** An accepted statement; its status is always known. */
export type Step = Statement & { readonly status: ForwardedStatus };

function isStep(statement: Statement): statement is Step {
  return statement.verdict === 'accepted' && statement.status !== undefined;
}

/** The accepted changes of a conversion, oldest first. `settlements` has the settlement of each at the same index. */
export function stepsOf({ statements }: Pick<Conversion, 'statements'>): readonly Step[] {
  return statements.filter(isStep);
}

/** The status that everybody sees after a step: a rule may reject, and a hold period may delay, what the partner approves. */
export function shownStatus({ status, rule_id, release_at, releases }: Step): ForwardedStatus {
  if (rule_id !== undefined) return 'rejected';
  return release_at !== undefined && !releases ? 'pending' : status;
}

/** Whether every accepted statement is in the ledger. */
export function isSettled(conversion: Pick<Conversion, 'statements' | 'settlements'>): boolean {
  return conversion.settlements.length >= stepsOf(conversion).length;
}
