/** The types of the API's answers, from its own schemas. These are only types: no schema gets into the bundle. */
import type * as z from 'zod';
import type { conversionDetail, conversionSummary } from '../../records/conversion-view.ts';
import type { deliveryView } from '../../records/delivery-view.ts';
import type { logDetail, logSummary } from '../../records/log-view.ts';
import type { ledgerEntry } from '../../records/points-routes.ts';
import type { alertView } from '../../schemas/alert.ts';
import type { issuedKey, keyView } from '../../schemas/key.ts';
import type { networkView } from '../../schemas/network.ts';
import type { offerView } from '../../schemas/offer.ts';
import type { partnerView } from '../../schemas/partner.ts';
import type { placementView } from '../../schemas/placement.ts';
import type { ownPublisherView, publisherView } from '../../schemas/publisher.ts';
import type { attemptView, healthView, postbackView } from '../../schemas/publisher-postback.ts';
import type { ruleView } from '../../schemas/rule.ts';
import type { clickView } from '../../settings/click-routes.ts';

export type ConversionSummary = z.output<typeof conversionSummary>;
export type Conversion = z.output<typeof conversionDetail>;
export type Delivery = z.output<typeof deliveryView>;
export type LogSummary = z.output<typeof logSummary>;
export type Log = z.output<typeof logDetail>;
export type LedgerEntry = z.output<typeof ledgerEntry>;
export type Key = z.output<typeof keyView>;
export type IssuedKey = z.output<typeof issuedKey>;
export type Network = z.output<typeof networkView>;
export type Offer = z.output<typeof offerView>;
export type Partner = z.output<typeof partnerView>;
export type Placement = z.output<typeof placementView>;
export type Publisher = z.output<typeof publisherView>;
export type Rule = z.output<typeof ruleView>;
export type Alert = z.output<typeof alertView>;
export type Click = z.output<typeof clickView>;
export type OwnPublisher = z.output<typeof ownPublisherView>;
export type Postback = z.output<typeof postbackView>;
export type EndpointHealth = z.output<typeof healthView>;
export type TestAttempt = z.output<typeof attemptView>;
/** Types of answers whose schemas are declared inside their routes. */
type ByCurrency = Readonly<Record<string, string>>;

export interface Figures {
  readonly received: number;
  readonly by_result: Readonly<Record<string, number>>;
  readonly by_status: Readonly<Record<string, number>>;
  readonly approval_rate: number | null;
  readonly reversal_rate: number | null;
  readonly upward: ByCurrency;
  readonly downward: ByCurrency;
  readonly margin: ByCurrency;
  readonly points: string;
  readonly delivered: number;
  readonly delivery_failed: number;
  readonly delivery_success_rate: number | null;
}

/** Counts per day, for a chart. */
interface Days {
  readonly received: readonly number[];
  readonly approved: readonly number[];
  readonly reversed: readonly number[];
}

interface Groups<Group> {
  readonly by_partner: readonly (Group & { readonly partner_id: string })[];
  readonly by_publisher: readonly (Group & { readonly publisher_id: string })[];
  readonly by_offer: readonly (Group & { readonly offer_id: string })[];
}

export interface Statistics extends Figures, Groups<Figures & { readonly days: Days }> {
  readonly from: string;
  readonly to: string;
  readonly by_day: readonly (Figures & { readonly day: string })[];
  readonly deliveries: {
    readonly delivered: number;
    readonly failed: number;
    readonly success_rate: number | null;
    readonly oldest_undelivered_seconds: number | null;
    readonly oldest_unsettled_seconds: number | null;
  };
  readonly previous?: Figures & Groups<Figures>;
}

interface Balances {
  readonly opening: string;
  readonly earned: string;
  readonly taken_back: string;
  readonly closing: string;
}

export interface Account extends Balances {
  readonly currency: string;
  readonly points: Balances;
}

export interface Statement {
  readonly month: string;
  readonly final: boolean;
  readonly totals: readonly Account[];
  readonly points: Balances;
  readonly lines: readonly (Account & { readonly offer_id: string; readonly offer_name: string | null })[];
}

/** What a partner sees of a test. */
export interface OwnTestResult {
  readonly success: boolean;
  readonly result: string;
  readonly code: string | null;
  readonly message: string | null;
  readonly cure: string | null;
}

export interface TestResult {
  readonly success: boolean;
  readonly test_url: string;
  readonly http_status: number;
  readonly result: string;
  readonly code: string | null;
  readonly message: string | null;
  readonly conversion: {
    readonly status: string;
    readonly event: string;
    readonly offer_id: string;
    readonly publisher_id: string;
    readonly user_id: string;
    readonly payout: string | null;
    readonly currency: string;
    readonly downward_payout: string;
    readonly downward_currency: string;
    readonly points: string;
    readonly terms: NonNullable<Conversion['terms']>;
  } | null;
  readonly forwards: readonly { readonly method: string; readonly url: string; readonly body: string | null }[];
  /** What is unusual about it, and what a real postback must also carry. */
  readonly warnings: readonly string[];
}

export interface ImportRow {
  /** 1 for the first row after the header. */
  readonly row: number;
  readonly result: string;
  readonly code: string | null;
  readonly message: string | null;
  readonly click_id: string | null;
  readonly log_id: string | null;
}

export interface ImportReport {
  readonly dry_run: boolean;
  readonly partner_id: string;
  /** Number of rows by result. */
  readonly counts: Readonly<Record<string, number>>;
  readonly rows: readonly ImportRow[];
}

export interface AuditEntry {
  readonly audit_id: string;
  readonly at: string;
  readonly by: string;
  readonly action: string;
  readonly kind: string;
  readonly id: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface Token {
  readonly token_id: string;
  readonly name: string;
  readonly role: 'admin' | 'viewer' | 'publisher' | 'partner';
  readonly publisher_id: string | null;
  readonly partner_id: string | null;
  readonly status: 'active' | 'revoked' | 'expired';
  readonly created_at: string;
  readonly expires_at: string | null;
}

export interface Queue {
  readonly name: string;
  readonly depth: number;
  readonly in_flight: number;
  readonly delayed: number;
  readonly dead_letters: number;
  readonly oldest_age_seconds: number | null;
}
