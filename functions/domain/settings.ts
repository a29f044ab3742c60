import type Big from 'big.js';
import type { Condition } from './conditions.ts';
import type { OutboundSigning } from './delivery/sign.ts';
import type { OfferId, PartnerId, PlacementId, PublisherId } from './ids.ts';
import type { ForwardedStatus } from './status.ts';

type FallbackMatching = 'unique' | 'latest' | 'off';
type AddressPolicy = 'enforce' | 'flag' | 'off';
type Active = 'active' | 'inactive';

/** What a partner wants to read in a 200 answer; absent bodies fall back to the preset's, then to JSON (contract 1.7). */
export interface AnswerBodies {
  readonly content_type?: string | undefined;
  readonly success?: string | undefined;
  readonly duplicate?: string | undefined;
}

/** An upward partner: who pays us and sends postbacks. */
export interface Partner {
  readonly partner_id: PartnerId;
  readonly partner_name: string;
  readonly status: Active;
  readonly mode: 'standard' | 'forward_only';
  readonly forward_to: readonly PublisherId[];
  /** A name of {@link presets}; absent: none. */
  readonly preset?: string | undefined;
  /** `{their: our}`. */
  readonly parameter_mapping: Readonly<Record<string, string>>;
  /** `{our: value}` for what the partner never sends. */
  readonly parameter_defaults: Readonly<Record<string, string>>;
  /** `{word: status}`, applied before the words of contract 1.5; words in any case. */
  readonly status_mapping: Readonly<Record<string, string>>;
  readonly fallback_matching: FallbackMatching;
  readonly ip_policy: AddressPolicy;
  /** Addresses and CIDR ranges; absent: the preset's. */
  readonly allowed_ips?: readonly string[] | undefined;
  readonly public_base_url?: string | undefined;
  readonly currency?: string | undefined;
  readonly response?: AnswerBodies | undefined;
  /** Encrypted signing secrets, newest first; two while one is being rotated. */
  readonly signing_secrets: readonly string[];
}

/** The terms of one event of an offer (contract 1.6, section 2). */
export interface Goal {
  readonly event: string;
  /** Fixed downward payout, in the conversion's currency. */
  readonly payout?: Big | undefined;
  readonly revenue_share_percent?: Big | undefined;
}

export interface Offer {
  readonly offer_id: OfferId;
  readonly partner_id: PartnerId;
  /** The partner's own id of the offer. */
  readonly campaign_id?: string | undefined;
  readonly name: string;
  readonly target_url: string;
  readonly payout?: Big | undefined;
  readonly revenue_share_percent?: Big | undefined;
  readonly currency?: string | undefined;
  readonly conversion_window_days: number;
  readonly goals: readonly Goal[];
  readonly status: Active;
}

/** A publisher's own terms for one offer; they win over the offer's (contract section 2). */
interface PayoutOverride {
  readonly percent?: Big | undefined;
  readonly fixed?: Big | undefined;
}

export type PostbackMethod = 'GET' | 'POST';

/** A header that a postback sends beside ours. */
export interface OwnHeader {
  readonly name: string;
  /** May hold macros. Sealed where it is secret. */
  readonly value: string;
  readonly secret: boolean;
}

/** Which words of the answer say that a publisher has taken a delivery; without, any 2xx does. */
export type SuccessWhen = { readonly body_contains: string } | { readonly body_equals: string };

/** Where and how a publisher is told of changes, and of which (contract section 3). Secrets in it are sealed. */
export interface PublisherPostback {
  /** Absent: the plain one, which is told where none of the others matches. */
  readonly postback_id?: string | undefined;
  readonly url: string;
  readonly method: PostbackMethod;
  /** Of a POST's body. */
  readonly content_type: 'json' | 'form';
  /** What is absent asks for nothing. */
  readonly offer_ids?: readonly string[] | undefined;
  readonly events?: readonly string[] | undefined;
  readonly statuses?: readonly ForwardedStatus[] | undefined;
  readonly placement_ids?: readonly string[] | undefined;
  /** Asked of what the publisher is told: the fields of its macros. */
  readonly when?: Condition | undefined;
  readonly headers?: readonly OwnHeader[] | undefined;
  readonly basic_auth?: { readonly username: string; readonly password: string } | undefined;
  readonly success_when?: SuccessWhen | undefined;
  readonly rate_per_second?: number | undefined;
  readonly sign?: OutboundSigning | undefined;
  readonly status: Active;
}

export interface Publisher {
  readonly publisher_id: PublisherId;
  readonly name: string;
  readonly postback_url?: string | undefined;
  readonly postback_method: PostbackMethod;
  /** Every one has a `postback_id`. */
  readonly postbacks: readonly PublisherPostback[];
  readonly forward_statuses: readonly ForwardedStatus[];
  readonly payout_overrides: Readonly<Record<string, PayoutOverride>>;
  /** Encrypted `whsec_…` signing secrets, newest first; two while one is being rotated. */
  readonly secrets: readonly string[];
}

/** Where a publisher shows offers: a wall, an app. */
export interface Placement {
  readonly placement_id: PlacementId;
  readonly publisher_id: PublisherId;
  readonly name: string;
  readonly postback_url?: string | undefined;
  readonly postback_method?: PostbackMethod | undefined;
  /** Points per unit of downward payout; 1 unless set. */
  readonly exchange_rate: Big;
}
