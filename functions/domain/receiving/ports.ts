import type { Click } from '../click.ts';
import type { HeldCode } from '../codes.ts';
import type { Conversion, Decision, EarlyReversal } from '../conversion.ts';
import type { Forwarded } from '../delivery/payload.ts';
import type { OfferId, PartnerId, PlacementId, PublisherId } from '../ids.ts';
import type { LogEntry } from '../log-entry.ts';
import type { Offer, Partner, Placement, Publisher } from '../settings.ts';

/** Settings, served from memory for at most 60 s (design decision 6). `undefined`: there is no such thing. */
export interface SettingsReader {
  partner(id: PartnerId): Promise<Partner | undefined>;
  offer(id: OfferId): Promise<Offer | undefined>;
  publisher(id: PublisherId): Promise<Publisher | undefined>;
  placement(id: PlacementId): Promise<Placement | undefined>;
  /** Offers of the partner that go by this reference: the partner's campaign id, or our offer id (contract 1.2). */
  offersByReference(partner: PartnerId, reference: string): Promise<readonly Offer[]>;
}

export interface ClickReader {
  /** Never served from memory; reads again consistently before it says that there is none (contract 1.4). */
  find(clickId: string): Promise<Click | undefined>;
  /** Ids of the offer's clicks since the time (ISO 8601), newest first, at most `most`. */
  recent(offer: OfferId, since: string, most: number): Promise<readonly string[]>;
}

/** A postback that waits for a person (contract 1.5): its row is listed among the conversions with status `held`. */
export interface HeldPostback {
  readonly conversion_id: string;
  readonly log_id: string;
  readonly partner_id: PartnerId;
  readonly code: HeldCode;
  readonly created_at: string;
  readonly event: string;
  readonly click?: Click | undefined;
  readonly offer_id?: OfferId | undefined;
  readonly payout?: string | undefined;
  readonly currency: string;
  readonly status_word?: string | undefined;
  readonly transaction_id?: string | undefined;
  readonly partner_conversion_id?: string | undefined;
}

/** Leads from a postback without a click id, or its transaction, to its conversion: it must not find another click later (contract 1.5). */
export interface Marker {
  readonly id: string;
  readonly conversionId: string;
}

export interface Marked {
  /** Absent: it is held. */
  readonly conversionId?: string | undefined;
}

/** What the conversion that a held postback contradicts keeps of it: the same postback again is a duplicate, also when it would fit later. */
export interface Remembered {
  readonly conversion: Conversion;
  readonly fingerprint: string;
  readonly earlyReversal: EarlyReversal | undefined;
}

type Accepted = Extract<Decision, { kind: 'accepted' }>;

/**
 * Where postbacks become durable. Each call is one atomic commit: the log entry and what it does to a conversion are
 * never half written (design decision 1). Uniqueness is a condition on a key, never a read before a write (decision 2).
 *
 * @throws when the outcome is unknown or nothing was written; sending again is safe.
 */
export interface Journal {
  /** `existing`: a conversion for this click and event is there already, nothing was written. `repeated`: the first marker is. */
  recordNew(
    entry: LogEntry,
    conversion: Conversion,
    markers: readonly Marker[],
  ): Promise<{ kind: 'recorded' } | { kind: 'existing'; conversion: Conversion } | { kind: 'repeated' }>;
  /** Appends steps. `changed`: another postback came between, nothing was written; `existing` is how it is now. */
  recordSteps(
    entry: LogEntry,
    existing: Conversion,
    accepted: Accepted,
    fingerprint: string,
    markers: readonly Marker[],
  ): Promise<{ kind: 'recorded' } | { kind: 'changed' } | { kind: 'repeated' }>;
  /** `repeated`: the same postback is held already, nothing was written. */
  recordHeld(
    entry: LogEntry,
    held: HeldPostback,
    remembered?: Remembered,
  ): Promise<{ kind: 'recorded' } | { kind: 'changed' } | { kind: 'repeated' }>;
  /** A log entry that changes no conversion. */
  record(entry: LogEntry): Promise<void>;
  /** A log entry and the deliveries of a forward-only partner (contract 1.10). `repeated`: the marker is there, nothing was written. */
  recordForwards(
    entry: LogEntry,
    deliveries: readonly ForwardOnly[],
    markerId: string,
  ): Promise<{ kind: 'recorded' } | { kind: 'repeated' }>;
  /** Consistent read. */
  conversion(id: string): Promise<Conversion | undefined>;
  /** Which of the conversions exist. */
  converted(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** The marker or held postback, and the conversion it leads to; `undefined`: it is not there. */
  marked(id: string): Promise<Marked | undefined>;
}

export interface ForwardOnly extends Forwarded {
  readonly delivery_id: string;
  readonly publisher_id: PublisherId;
}

/** Tells the processor that there is work. Losing a hint loses nothing: the sweeper finds the row (design decision 2). */
export interface Hints {
  settle(conversionId: string, steps: number): Promise<void>;
  deliver(deliveryId: string, publisher: PublisherId): Promise<void>;
}
