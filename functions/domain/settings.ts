import type Big from 'big.js';
import type { Condition } from './conditions.ts';
import type { OutboundSigning } from './delivery/sign.ts';
import type { OfferId, PartnerId, PlacementId, PublisherId } from './ids.ts';
import type { NetworkSettings, Repeat } from './networks/network.ts';
import type { ForwardedStatus, PostbackStatus } from './status.ts';

type FallbackMatching = 'unique' | 'latest' | 'off';
type AddressPolicy = 'enforce' | 'flag' | 'off';
type Active = 'active' | 'inactive';

/** The body that a partner expects in a 200 answer. Absent bodies fall back to the network's, then to JSON (contract 1.7). */
export interface AnswerBodies {
  readonly content_type?: string | undefined;
  readonly success?: string | undefined;
  readonly duplicate?: string | undefined;
}

/** An upward partner, who pays us and sends postbacks. */
export interface Partner {
  readonly partner_id: PartnerId;
  readonly partner_name: string;
  readonly status: Active;
  readonly mode: 'standard' | 'forward_only';
  readonly forward_to: readonly PublisherId[];
  /** The id of a network, built in or an admin's own; absent: the partner has none. */
  readonly preset?: string | undefined;
  /** Differences from the network (contract 1.8). */
  readonly network_settings?: NetworkSettings | undefined;
  /** `{their: our}`; `their` is a name or a path into nested JSON. `null`: the name is custom data, whatever it is called. */
  readonly parameter_mapping: Readonly<Record<string, string | null>>;
  /** `{our: value}` for what the partner never sends. */
  readonly parameter_defaults: Readonly<Record<string, string>>;
  /** `{word: status}`, applied before the words of contract 1.5; words are case-insensitive. */
  readonly status_mapping: Readonly<Record<string, PostbackStatus>>;
  /** Absent: the network's setting, else `once` (contract 1.4). */
  readonly repeat?: Repeat | undefined;
  /** Whether a transaction leads to its conversion without a click id; absent: the network's setting. */
  readonly match_by_transaction?: boolean | undefined;
  /** What an amount below zero means; absent: the network's setting, else `refuse` (contract 1.7). */
  readonly negative_payout?: 'refuse' | 'reverses' | undefined;
  readonly fallback_matching: FallbackMatching;
  readonly ip_policy: AddressPolicy;
  /** IP addresses and CIDR ranges; absent: the network's. */
  readonly allowed_ips?: readonly string[] | undefined;
  readonly public_base_url?: string | undefined;
  readonly currency?: string | undefined;
  readonly response?: AnswerBodies | undefined;
  /** Encrypted signing secrets, newest first; two during a rotation. */
  readonly signing_secrets: readonly string[];
}

/** The terms of one event of an offer (contract 1.6, section 2). */
export interface Goal {
  readonly event: string;
  /** Fixed downward payout, in the conversion's currency. */
  readonly payout?: Big | undefined;
  readonly revenue_share_percent?: Big | undefined;
  /** Hours for which an approval waits before it is paid; absent: the offer's. */
  readonly hold_hours?: Big | undefined;
}

export const capPeriods = ['day', 'week', 'month', 'total'] as const;

/** A limit for what is paid for an offer in a period (contract 2.1). */
export interface Cap {
  readonly per: (typeof capPeriods)[number];
  /** What is counted: approvals, or what is left of their upward amounts, in the offer's currency. */
  readonly of: 'conversions' | 'payout';
  readonly limit: Big;
  /** Only this publisher's conversions; absent: those of all publishers. */
  readonly publisher_id?: PublisherId | undefined;
  /** IANA name of the time zone for days, weeks (from Monday) and months; absent: UTC. */
  readonly timezone?: string | undefined;
}

export interface Offer {
  readonly offer_id: OfferId;
  readonly partner_id: PartnerId;
  /** The partner's own id for the offer. */
  readonly campaign_id?: string | undefined;
  readonly name: string;
  readonly target_url: string;
  /** URL for users who follow a link to the offer while it is inactive; absent: the link answers 404. */
  readonly fallback_url?: string | undefined;
  readonly payout?: Big | undefined;
  readonly revenue_share_percent?: Big | undefined;
  readonly currency?: string | undefined;
  readonly conversion_window_days: number;
  /** Absent: the setting of the partner or its network. */
  readonly repeat?: Repeat | undefined;
  /** Hours for which an approval waits before it is paid (contract 2.1); absent: it is paid at once. */
  readonly hold_hours?: Big | undefined;
  /** Absent: the offer has no caps. */
  readonly caps?: readonly Cap[] | undefined;
  readonly goals: readonly Goal[];
  readonly status: Active;
}

/** A publisher's own terms for one offer, which win over the offer's (contract section 2). */
interface PayoutOverride {
  readonly percent?: Big | undefined;
  readonly fixed?: Big | undefined;
  /** Hours for which an approval waits before it is paid; absent: the goal's or the offer's. */
  readonly hold_hours?: Big | undefined;
}

export type PostbackMethod = 'GET' | 'POST';

/** A header that a postback sends in addition to ours. */
export interface OwnHeader {
  readonly name: string;
  /** May contain macros. Sealed if it is secret. */
  readonly value: string;
  readonly secret: boolean;
}

/** The text in a 2xx answer that means that the publisher has accepted a delivery. Without this setting, any 2xx answer does. */
export type SuccessWhen = { readonly body_contains: string } | { readonly body_equals: string };

/** Where and how a publisher is notified, and of which changes (contract section 3). Its secrets are sealed. */
export interface PublisherPostback {
  /** Absent: the plain one, which is used when none of the others matches. */
  readonly postback_id?: string | undefined;
  readonly url: string;
  readonly method: PostbackMethod;
  /** Content type of a POST's body. */
  readonly content_type: 'json' | 'form';
  /** A condition that is absent always holds. */
  readonly offer_ids?: readonly string[] | undefined;
  readonly events?: readonly string[] | undefined;
  readonly statuses?: readonly ForwardedStatus[] | undefined;
  readonly placement_ids?: readonly string[] | undefined;
  /** A condition on what the publisher is notified of; its fields are those of the macros. */
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
  /** The postbacks in addition to the plain one; each has a `postback_id`. */
  readonly postbacks: readonly PublisherPostback[];
  readonly forward_statuses: readonly ForwardedStatus[];
  readonly payout_overrides: Readonly<Record<string, PayoutOverride>>;
  /** Encrypted `whsec_…` signing secrets, newest first; two during a rotation. */
  readonly secrets: readonly string[];
}

/** Where a publisher shows offers, such as a wall or an app. */
export interface Placement {
  readonly placement_id: PlacementId;
  readonly publisher_id: PublisherId;
  readonly name: string;
  readonly postback_url?: string | undefined;
  readonly postback_method?: PostbackMethod | undefined;
  /** Points per unit of downward payout; default 1. */
  readonly exchange_rate: Big;
}

export const ruleActions = ['hold', 'reject', 'log', 'accept'] as const;

/** A rule of ours that decides about approvals and pendings before any money moves (contract 2.1). */
export interface Rule {
  readonly rule_id: string;
  readonly name: string;
  /** Rules with a lower number are evaluated first. */
  readonly priority: number;
  /** A field that is absent matches everything. */
  readonly scope: {
    readonly partner_id?: PartnerId | undefined;
    readonly offer_id?: OfferId | undefined;
    readonly publisher_id?: PublisherId | undefined;
  };
  readonly when: Condition;
  /** `then` in the API. The name differs here because objects with a method called `then` would be taken for promises. */
  readonly action: (typeof ruleActions)[number];
  /** ISO 8601: applies to postbacks received from this time on. */
  readonly from?: string | undefined;
  /** ISO 8601: applies to postbacks received before this time. */
  readonly to?: string | undefined;
  readonly status: Active;
}
