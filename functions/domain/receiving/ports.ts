import type Big from 'big.js';
import type { Click } from '../click.ts';
import type { HeldCode } from '../codes.ts';
import type { Conversion } from '../conversion.ts';
import type { CountChange } from '../conversions/counting.ts';
import type { Forwarded } from '../delivery/payload.ts';
import type { OfferId, PartnerId, PlacementId, PublisherId } from '../ids.ts';
import type { LogEntry } from '../log-entry.ts';
import type { Offer, Partner, Placement, Publisher, Rule } from '../settings.ts';
import type { ForwardedStatus } from '../status.ts';

/** Reads settings, which are served from memory for at most 60 s (design decision 6). `undefined`: the setting does not exist. */
export interface SettingsReader {
  partner(id: PartnerId): Promise<Partner | undefined>;
  offer(id: OfferId): Promise<Offer | undefined>;
  publisher(id: PublisherId): Promise<Publisher | undefined>;
  placement(id: PlacementId): Promise<Placement | undefined>;
  /** Offers of the partner that have this reference: the partner's campaign id, or our offer id (contract 1.2). */
  offersByReference(partner: PartnerId, reference: string): Promise<readonly Offer[]>;
  /** Every active rule, in the order in which they are evaluated. */
  rules(): Promise<readonly Rule[]>;
}

export interface ClickReader {
  /**
   * Finds a click. It is never served from memory, and is read again consistently before the answer is that there is none (contract 1.4).
   */
  find(clickId: string): Promise<Click | undefined>;
  /** Ids of the offer's clicks between two times (ISO 8601, both included), newest first, page by page until the reader has enough. */
  recent(offer: OfferId, from: string, to: string): AsyncIterable<readonly string[]>;
}

/**
 * A postback that waits for a person (contract 1.5). Its row is listed among the conversions with the status `held`, so that people find
 * it. If it is known to be about a conversion, that one's statements contain it as well.
 */
export interface HeldPostback {
  readonly conversion_id: string;
  readonly log_id: string;
  readonly partner_id: PartnerId;
  readonly code: HeldCode;
  readonly created_at: string;
  readonly event: string;
  /** The conversion whose statements contain it; absent: it is unknown which one is meant. */
  readonly about?: string | undefined;
  readonly click?: Click | undefined;
  readonly offer_id?: OfferId | undefined;
  readonly payout?: string | undefined;
  readonly currency: string;
  readonly said_status?: ForwardedStatus | undefined;
  readonly status_word?: string | undefined;
  readonly transaction_id?: string | undefined;
  readonly partner_conversion_id?: string | undefined;
  /** The rule that holds it. */
  readonly rule_id?: string | undefined;
}

/**
 * Leads from something that was named (a transaction, a signed text, a postback without a click id) to the conversion that it was about. It
 * must not lead to another one later (contract 1.4, 1.8).
 */
export interface Marker {
  readonly id: string;
  readonly conversionId: string;
  /** If it already leads to another conversion, it stays there, and the postback is recorded all the same. */
  readonly optional?: boolean | undefined;
}

export interface Marked {
  /** Absent: it is held. */
  readonly conversionId?: string | undefined;
  /** For a held postback: the conversion whose statements contain it. */
  readonly about?: string | undefined;
  /** For a postback that was held: a person has set it aside, or a take-back has ended it. */
  readonly decided?: boolean | undefined;
}

/** What happens to the row of a postback that was held. */
export type Release =
  /** It leads to the conversion that it has become. */
  | { readonly heldId: string; readonly became: string }
  /** It stays in the lists with this status, and changes nothing. */
  | { readonly heldId: string; readonly status: 'rejected' | 'reversed' };

/** What one commit writes with the log entry: all of it or nothing. */
export interface Changes {
  /**
   * The conversions' new state. Each has the condition that the stored revision is one less or, for the first revision, that there is none.
   */
  readonly conversions?: readonly Conversion[] | undefined;
  /** A row in which people find what is held. A row that already has this id is replaced only when its log entry is processed again. */
  readonly held?: HeldPostback | undefined;
  readonly markers?: readonly Marker[] | undefined;
  readonly releases?: readonly Release[] | undefined;
  /** Changes of the counters of caps. */
  readonly counts?: readonly CountChange[] | undefined;
}

export type Written =
  | { readonly kind: 'written' }
  /** A conversion has changed since it was read, so nothing was written. `conversion` is its present state, if the store returned it. */
  | { readonly kind: 'changed'; readonly conversion?: Conversion | undefined }
  /** A cap would be exceeded, so nothing was written. */
  | { readonly kind: 'full' }
  /** The marker leads elsewhere, or its postback is held, so nothing was written. */
  | { readonly kind: 'marked'; readonly id: string; readonly conversionId?: string | undefined };

/**
 * Where postbacks become durable. Each call is one atomic commit: the log entry and its effect on conversions are never half written
 * (design decision 1). Uniqueness is a condition on a key, never a read before a write (decision 2).
 *
 * @throws when the outcome is unknown or nothing was written; sending again is safe.
 */
export interface Journal {
  write(entry: LogEntry, changes: Changes): Promise<Written>;
  /**
   * Writes a log entry with the deliveries of a forward-only partner (contract 1.10). `repeated`: the marker exists already, and nothing
   * was written.
   */
  recordForwards(
    entry: LogEntry,
    deliveries: readonly ForwardOnly[],
    markerId: string,
  ): Promise<{ kind: 'recorded' } | { kind: 'repeated' }>;
  /** Consistent read. */
  conversion(id: string): Promise<Conversion | undefined>;
  /** All conversions of a click, in the order in which they began. Consistent read. */
  ofClick(clickId: string): Promise<readonly Conversion[]>;
  /** Which of the clicks have a conversion of the event with something accepted. */
  converted(clickIds: readonly string[], event: string): Promise<ReadonlySet<string>>;
  /** The value of a counter of an offer's caps. Consistent read. */
  counted(offerId: string, place: string): Promise<Big>;
  /** A marker or held postback, with the conversion that it leads to; `undefined` when it does not exist. */
  marked(id: string): Promise<Marked | undefined>;
}

export interface ForwardOnly extends Forwarded {
  readonly delivery_id: string;
  readonly publisher_id: PublisherId;
  /** Absent: the plain postback. */
  readonly postback_id?: string | undefined;
}

/** A conversion that can be settled; it has at least this revision. */
export interface SettleHint {
  readonly conversionId: string;
  readonly revision: number;
  /** The conversion as it was written at that revision, so that whoever settles it soon need not read it. */
  readonly conversion: Conversion;
}

/** Tells the processor that there is work. If a hint is lost, nothing else is: the sweeper finds the row (design decision 2). */
export interface Hints {
  settle(hint: SettleHint): Promise<void>;
  deliver(deliveryId: string, publisher: PublisherId, postbackId?: string): Promise<void>;
}
