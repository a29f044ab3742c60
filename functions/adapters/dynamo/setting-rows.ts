import type Big from 'big.js';
import * as z from 'zod/mini';
import { type Alert, alertEvents } from '../../domain/alerting/alert.ts';
import { type Condition, operators } from '../../domain/conditions.ts';
import { signAlgorithms } from '../../domain/delivery/sign.ts';
import { encodings, type Network, type NetworkSettings } from '../../domain/networks/network.ts';
import {
  capPeriods,
  type Offer,
  type Partner,
  type Placement,
  type Publisher,
  type PublisherPostback,
  type Rule,
  ruleActions,
} from '../../domain/settings.ts';
import { forwardedStatuses, postbackStatuses } from '../../domain/status.ts';
import { offerId, partnerId, placementId, publisherId } from '../../runtime/ids.ts';
import { count, decimal, plain, record } from './item.ts';

const texts = record(z.string());
const active = z.enum(['active', 'inactive']);
const method = z.enum(['GET', 'POST']);
const amount: z.ZodMiniType<Big> = decimal;

export const partnerRow: z.ZodMiniType<Partner> = z.object({
  partner_id: partnerId,
  partner_name: z.string(),
  status: active,
  mode: z.enum(['standard', 'forward_only']),
  forward_to: z.array(publisherId),
  preset: z.optional(z.string()),
  network_settings: z.optional(z.pipe(plain, z.custom<NetworkSettings>())),
  parameter_mapping: z.record(z.string(), z.nullable(z.string())),
  parameter_defaults: texts,
  status_mapping: z.record(z.string(), z.enum(postbackStatuses)),
  repeat: z.optional(z.enum(['once', 'per_transaction'])),
  match_by_transaction: z.optional(z.boolean()),
  negative_payout: z.optional(z.enum(['refuse', 'reverses'])),
  fallback_matching: z.enum(['unique', 'latest', 'off']),
  ip_policy: z.enum(['enforce', 'flag', 'off']),
  allowed_ips: z.optional(z.array(z.string())),
  public_base_url: z.optional(z.string()),
  currency: z.optional(z.string()),
  response: z.optional(
    z.object({ content_type: z.optional(z.string()), success: z.optional(z.string()), duplicate: z.optional(z.string()) }),
  ),
  signing_secrets: z.array(z.string()),
});

export const offerRow: z.ZodMiniType<Offer> = z.object({
  offer_id: offerId,
  partner_id: partnerId,
  campaign_id: z.optional(z.string()),
  name: z.string(),
  target_url: z.string(),
  fallback_url: z.optional(z.string()),
  payout: z.optional(amount),
  revenue_share_percent: z.optional(amount),
  currency: z.optional(z.string()),
  conversion_window_days: count,
  repeat: z.optional(z.enum(['once', 'per_transaction'])),
  hold_hours: z.optional(amount),
  caps: z.optional(
    z.array(
      z.object({
        per: z.enum(capPeriods),
        of: z.enum(['conversions', 'payout']),
        limit: amount,
        publisher_id: z.optional(publisherId),
        timezone: z.optional(z.string()),
      }),
    ),
  ),
  goals: z.array(
    z.object({
      event: z.string(),
      payout: z.optional(amount),
      revenue_share_percent: z.optional(amount),
      hold_hours: z.optional(amount),
    }),
  ),
  status: active,
});

const condition: z.ZodMiniType<Condition> = z.lazy(() =>
  z.union([
    z.object({ all: z.array(condition) }),
    z.object({ any: z.array(condition) }),
    z.object({ field: z.string(), op: z.enum(operators), value: z.optional(z.union([z.string(), z.array(z.string())])) }),
  ]),
);

const someTexts = z.optional(z.array(z.string()));

const postbackRow: z.ZodMiniType<PublisherPostback> = z.object({
  postback_id: z.string(),
  url: z.string(),
  method,
  content_type: z.enum(['json', 'form']),
  offer_ids: someTexts,
  events: someTexts,
  statuses: z.optional(z.array(z.enum(forwardedStatuses))),
  placement_ids: someTexts,
  when: z.optional(condition),
  headers: z.optional(z.array(z.object({ name: z.string(), value: z.string(), secret: z.boolean() }))),
  basic_auth: z.optional(z.object({ username: z.string(), password: z.string() })),
  success_when: z.optional(z.union([z.object({ body_contains: z.string() }), z.object({ body_equals: z.string() })])),
  rate_per_second: z.optional(count),
  sign: z.optional(z.object({ algorithm: z.enum(signAlgorithms), encoding: z.enum(encodings), message: z.string(), secret: z.string() })),
  status: active,
});

export const publisherRow: z.ZodMiniType<Publisher> = z.object({
  publisher_id: publisherId,
  name: z.string(),
  postback_url: z.optional(z.string()),
  postback_method: method,
  postbacks: z._default(z.array(postbackRow), []),
  forward_statuses: z.array(z.enum(forwardedStatuses)),
  payout_overrides: record(z.object({ percent: z.optional(amount), fixed: z.optional(amount), hold_hours: z.optional(amount) })),
  secrets: z.array(z.string()),
});

export const placementRow: z.ZodMiniType<Placement> = z.object({
  placement_id: placementId,
  publisher_id: publisherId,
  name: z.string(),
  postback_url: z.optional(z.string()),
  postback_method: z.optional(method),
  exchange_rate: amount,
});

export const ruleRow: z.ZodMiniType<Rule> = z.object({
  rule_id: z.string(),
  name: z.string(),
  priority: count,
  scope: z.object({ partner_id: z.optional(partnerId), offer_id: z.optional(offerId), publisher_id: z.optional(publisherId) }),
  when: condition,
  action: z.enum(ruleActions),
  from: z.optional(z.string()),
  to: z.optional(z.string()),
  status: active,
});

/** A network that an admin has added. */
export interface NetworkRow {
  readonly network_id: string;
  readonly title: string;
  readonly network: Network;
}

/** The admin API's schema checks the document before it is written, so it is read here without a check. */
export const networkRow: z.ZodMiniType<NetworkRow> = z.object({
  network_id: z.string(),
  title: z.string(),
  network: z.pipe(plain, z.custom<Network>()),
});

export const alertRow: z.ZodMiniType<Alert> = z.object({
  alert_id: z.string(),
  name: z.string(),
  url: z.optional(z.string()),
  email: z.optional(z.string()),
  events: z.array(z.enum(alertEvents)),
  partner_id: z.optional(z.string()),
  publisher_id: z.optional(z.string()),
  console_url: z.string(),
  secrets: z.array(z.string()),
});

/** The kinds of settings; each has its key prefix in the settings table. */
export const settingKinds = {
  partner: partnerRow,
  offer: offerRow,
  publisher: publisherRow,
  placement: placementRow,
  rule: ruleRow,
  network: networkRow,
  alert: alertRow,
} as const;
export type SettingKind = keyof typeof settingKinds;

export function settingKey(kind: SettingKind, id: string): string {
  return `${kind}#${id}`;
}

/** Key of the index that finds an offer by the partner's own id for it. */
export function campaignKey(partner: string, campaign: string): string {
  return `${partner}#${campaign}`;
}
