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

/** Settings, served from memory for at most 60 s (design decision 6). `undefined`: there is no such thing. */
export interface SettingsReader {
  partner(id: PartnerId): Promise<Partner | undefined>;
  offer(id: OfferId): Promise<Offer | undefined>;
  publisher(id: PublisherId): Promise<Publisher | undefined>;
  placement(id: PlacementId): Promise<Placement | undefined>;
  /** Offers of the partner that go by this reference: the partner's campaign id, or our offer id (contract 1.2). */
  offersByReference(partner: PartnerId, reference: string): Promise<readonly Offer[]>;
  /** Every active rule, in the order in which they are asked. */
  rules(): Promise<readonly Rule[]>;
}

export interface ClickReader {
  /** Never served from memory; reads again consistently before it says that there is none (contract 1.4). */
  find(clickId: string): Promise<Click | undefined>;
  /** Ids of the offer's clicks between the times (ISO 8601, both included), newest first, page by page until the reader has enough. */
  recent(offer: OfferId, from: string, to: string): AsyncIterable<readonly string[]>;
}

/**
 * A postback that waits for a person (contract 1.5): its row is listed among the conversions with status `held`. What is known to be
 * about a conversion stands among that one's statements as well; the row is how people find it.
 */
export interface HeldPostback {
  readonly conversion_id: string;
  readonly log_id: string;
  readonly partner_id: PartnerId;
  readonly code: HeldCode;
  readonly created_at: string;
  readonly event: string;
  /** The conversion among whose statements it stands; absent: nobody knows which one is meant. */
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
 * Leads from something that was named (a transaction, a text that was signed, a postback without a click id) to the conversion it
 * was about: it must not lead to another one later (contract 1.4, 1.8).
 */
export interface Marker {
  readonly id: string;
  readonly conversionId: string;
  /** The first conversion keeps it, and another one is no reason to refuse the postback. */
  readonly optional?: boolean | undefined;
}

export interface Marked {
  /** Absent: it is held. */
  readonly conversionId?: string | undefined;
  /** Of what is held: the conversion among whose statements it stands. */
  readonly about?: string | undefined;
  /** Of what was held: a person has set it aside, or a take-back has ended it. */
  readonly decided?: boolean | undefined;
}

/** What becomes of the row of a postback that was held. */
export type Release =
  /** It leads to the conversion that it has become. */
  | { readonly heldId: string; readonly became: string }
  /** It stays in the lists with this status, and changes nothing. */
  | { readonly heldId: string; readonly status: 'rejected' | 'reversed' };

/** What one commit writes beside the log entry: all of it or nothing. */
export interface Changes {
  /** As they are to be; each on condition that it is stored with one revision less, or not at all for the first. */
  readonly conversions?: readonly Conversion[] | undefined;
  /** A row for people to find what is held. One with this id that is held already is replaced only when its log entry is processed again. */
  readonly held?: HeldPostback | undefined;
  readonly markers?: readonly Marker[] | undefined;
  readonly releases?: readonly Release[] | undefined;
  /** Of the counters of caps. */
  readonly counts?: readonly CountChange[] | undefined;
}

export type Written =
  | { readonly kind: 'written' }
  /** A conversion is not as it was read: nothing was written. `conversion` is how it is now, where the store said so. */
  | { readonly kind: 'changed'; readonly conversion?: Conversion | undefined }
  /** A cap would count more than it may: nothing was written. */
  | { readonly kind: 'full' }
  /** The marker leads elsewhere, or its postback is held: nothing was written. */
  | { readonly kind: 'marked'; readonly id: string; readonly conversionId?: string | undefined };

/**
 * Where postbacks become durable. Each call is one atomic commit: the log entry and what it does to conversions are never half
 * written (design decision 1). Uniqueness is a condition on a key, never a read before a write (decision 2).
 *
 * @throws when the outcome is unknown or nothing was written; sending again is safe.
 */
export interface Journal {
  write(entry: LogEntry, changes: Changes): Promise<Written>;
  /** A log entry and the deliveries of a forward-only partner (contract 1.10). `repeated`: the marker is there, nothing was written. */
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
  /** What a counter of the caps of an offer says. Consistent read. */
  counted(offerId: string, place: string): Promise<Big>;
  /** The marker or held postback, and the conversion it leads to; `undefined`: it is not there. */
  marked(id: string): Promise<Marked | undefined>;
}

export interface ForwardOnly extends Forwarded {
  readonly delivery_id: string;
  readonly publisher_id: PublisherId;
  /** Absent: the plain one. */
  readonly postback_id?: string | undefined;
}

/** A conversion that can be settled, at least at this revision. */
export interface SettleHint {
  readonly conversionId: string;
  readonly revision: number;
  /** As it was written at that revision: whoever settles it soon need not read it. */
  readonly conversion: Conversion;
}

/** Tells the processor that there is work. Losing a hint loses nothing: the sweeper finds the row (design decision 2). */
export interface Hints {
  settle(hint: SettleHint): Promise<void>;
  deliver(deliveryId: string, publisher: PublisherId, postbackId?: string): Promise<void>;
}
