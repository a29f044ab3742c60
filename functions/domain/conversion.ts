import type Big from 'big.js';
import type { HeldCode } from './codes.ts';
import type { ClickId, OfferId, PartnerId, PlacementId, PublisherId } from './ids.ts';
import type { Terms } from './revenue-share.ts';
import type { ConversionStatus, ForwardedStatus } from './status.ts';

/** What a postback, a row of a file or a person says of a conversion (contract 1.5): all that makes two of them one. */
export interface Said {
  /** Absent: a word that nobody has told us the meaning of; it is always held. */
  readonly status?: ForwardedStatus | undefined;
  /** The word that nobody knew, lower case; beside a person's status, that of the postback which the person decided about. */
  readonly word?: string | undefined;
  /** A rejection of a network whose chargebacks are rejections: it takes back like a reversal. */
  readonly chargeback?: boolean | undefined;
  /** The partner's transaction; absent: none was named, and a generated id never takes part in a comparison (contract 1.2). */
  readonly transaction_id?: string | undefined;
  /** Which earlier transaction a take-back is about, where its own id is another. */
  readonly original_transaction_id?: string | undefined;
  /** The id is the take-back's own and names no transaction: it is matched as if it had none (contract 1.8). */
  readonly own_id?: boolean | undefined;
  /** Upward amount in `currency`. Absent: `0` of what pays, all that is left of what takes back. */
  readonly amount?: Big | undefined;
  /** ISO 4217, as sent. Absent: the conversion's. */
  readonly currency?: string | undefined;
  /** The event was not named: of a take-back, it may be about any event of the click. */
  readonly any_event?: boolean | undefined;
}

/**
 * What came of a statement. Only `accepted` ones change what a conversion is worth.
 * `held` waits for a person; `closed` was held and has been decided, settled by its own reversal, or set aside.
 */
type Verdict = 'accepted' | 'duplicate' | 'held' | 'closed';

/** One thing that was said about a conversion, and what came of it. They are kept for good, in the order of their coming. */
export interface Statement extends Said {
  /** The log entry that holds the whole of it. */
  readonly log_id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly verdict: Verdict;
  /** Why it is held. */
  readonly code?: HeldCode | undefined;
  /** A repetition of what is held: it counts no more than that does. */
  readonly of_held?: boolean | undefined;
  /** Id of the row under which people find it, while it is held. */
  readonly held_as?: string | undefined;
  /** An early take-back that named no event and turned out to be about another event's conversion, where it stands now. */
  readonly moved?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly ip?: string | undefined;
  readonly country?: string | undefined;
  readonly device_id?: string | undefined;
  /** The person who said it. */
  readonly by?: string | undefined;
  /** The rule that holds it; of one that is accepted, the rule by which it is rejected, whatever the partner says (contract 2.1). */
  readonly rule_id?: string | undefined;
  /** ISO 8601. An approval with a hold period: until then it stands, and is worth nothing (contract 2.1). */
  readonly release_at?: string | undefined;
  /** The hold period of what stands is over. It has the transaction, amount and log id of the approval that waited. */
  readonly releases?: boolean | undefined;
  /** Where the offer's caps count this approval (contract 2.1). */
  readonly counted?: readonly Counted[] | undefined;
}

/** A cap counts an approval: in one of its periods, by conversions or by what is left of the upward amount. */
export interface Counted {
  /** Names the cap and its period among the counters of the offer. */
  readonly place: string;
  readonly of: 'conversions' | 'payout';
}

/** What settling an accepted statement came to. */
export interface Settlement {
  /** Change of the downward payout; negative when taken back. For `pending`: what it would be. */
  readonly payout: Big;
  /** Change of the user's points; for `pending`: what it would be. */
  readonly points: Big;
  readonly at: string;
  /** Which of the changes that a publisher can see it is: 1, 2, 3, … Absent: none. */
  readonly sequence?: number | undefined;
  /** Who is told of it. */
  readonly deliveries: readonly AnnouncedDelivery[];
}

/** A delivery that has been decided on; its own row appears with its first attempt. */
export interface AnnouncedDelivery {
  readonly delivery_id: string;
  /** Which of the publisher's postbacks; absent: its plain one. */
  readonly postback_id?: string | undefined;
}

/**
 * What one click earned for one event, and where it may earn several times for one transaction (contract 1.4). It holds everything
 * that was said of it; its state and its worth are functions of that ({@link standingOf}, {@link settle}).
 */
export interface Conversion {
  readonly conversion_id: string;
  /** Every write is on condition that this is as it was read, and adds one to it. */
  readonly revision: number;
  readonly partner_id: PartnerId;
  readonly publisher_id: PublisherId;
  readonly placement_id?: PlacementId | undefined;
  readonly offer_id: OfferId;
  readonly click_id: ClickId;
  readonly event: string;
  /** The one transaction it is about, where a click may earn several times. */
  readonly transaction_id?: string | undefined;
  readonly user_id: string;
  /** Follows from the statements, and is kept for the lists. */
  readonly status: ConversionStatus;
  /** Why it is held, when it is. */
  readonly code?: HeldCode | undefined;
  /** ISO 8601: when what waits in a hold period is paid; follows from the statements. Absent: nothing waits. */
  readonly release_at?: string | undefined;
  /** Currency of the upward amounts, ISO 4217: the first that came with an amount; follows from the statements. */
  readonly currency: string;
  /** Currency of amounts that came without one: the partner's when the first statement came. */
  readonly default_currency: string;
  readonly matched_by: 'click_id' | 'recent_offer' | 'latest_click';
  /** Log id of the first accepted statement: sorts conversions by time. Absent: nothing has been accepted, and it is in no list. */
  readonly listed_at?: string | undefined;
  readonly created_at: string;
  readonly partner_conversion_id?: string | undefined;
  /** What the publisher's macros need of the click. */
  readonly click: ClickFacts;
  readonly statements: readonly Statement[];
  /**
   * Another conversion of the click has been paid, of another event or of this one: take-backs that name less than those do wait here
   * no longer.
   */
  readonly opened?: 'elsewhere' | 'here' | undefined;
  /** Settlements of the first accepted statements, in order. */
  readonly settlements: readonly Settlement[];
  readonly terms?: Terms | undefined;
  /** What the user has from this conversion now. */
  readonly credited: Credited;
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
  /** ISO 8601: a conversion outlives its click (contract 1.4). */
  readonly clicked_at?: string | undefined;
}

/** An accepted statement; its status is always known. */
export type Step = Statement & { readonly status: ForwardedStatus };

function isStep(statement: Statement): statement is Step {
  return statement.verdict === 'accepted' && statement.status !== undefined;
}

/** The accepted changes of a conversion, oldest first. Each index has its settlement in `settlements`. */
export function stepsOf({ statements }: Pick<Conversion, 'statements'>): readonly Step[] {
  return statements.filter(isStep);
}

/** What a step makes of its conversion for all to see: a rule may reject, and a hold period delay, what the partner approves. */
export function shownStatus({ status, rule_id, release_at, releases }: Step): ForwardedStatus {
  if (rule_id !== undefined) return 'rejected';
  return release_at !== undefined && !releases ? 'pending' : status;
}

/** Whether every accepted statement is in the ledger. */
export function isSettled(conversion: Pick<Conversion, 'statements' | 'settlements'>): boolean {
  return conversion.settlements.length >= stepsOf(conversion).length;
}
