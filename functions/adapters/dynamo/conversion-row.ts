import Big from 'big.js';
import * as z from 'zod/mini';
import { type HeldCode, heldCodes } from '../../domain/codes.ts';
import type { Conversion, Settlement, Step } from '../../domain/conversion.ts';
import type { HeldPostback } from '../../domain/receiving/ports.ts';
import type { Terms } from '../../domain/revenue-share.ts';
import { shardOf } from '../../domain/shards.ts';
import { conversionStatuses, forwardedStatuses } from '../../domain/status.ts';
import { offerId, partnerId, placementId, publisherId } from '../../runtime/ids.ts';
import { clickId, clickRow } from './click-store.ts';
import { decimal, stringSet, toItem } from './item.ts';

const text = z.optional(z.string());
const amount: z.ZodMiniType<Big> = decimal;
const heldCode = z.custom<HeldCode>((value) => typeof value === 'string' && Object.hasOwn(heldCodes, value));

const stepRow: z.ZodMiniType<Step> = z.object({
  status: z.enum(forwardedStatuses),
  log_id: z.string(),
  at: z.string(),
  amount: z.optional(amount),
  transaction_id: text,
  generated: z.optional(z.boolean()),
  reason: text,
  ip: text,
  country: text,
  device_id: text,
  silent: z.optional(z.boolean()),
  early: z.optional(z.boolean()),
  by: text,
});

const settlementRow: z.ZodMiniType<Settlement> = z.object({
  payout: amount,
  points: amount,
  at: z.string(),
  deliveries: z.optional(z.array(z.object({ delivery_id: z.string(), postback_id: text }))),
});

const termsRow: z.ZodMiniType<Terms> = z.object({
  rule: z.enum(['percent', 'fixed']),
  value: amount,
  source: z.enum(['offer', 'goal', 'override']),
  exchangeRate: amount,
  currency: z.string(),
});

const creditedRow = z.object({ upward: amount, payout: amount, points: amount });
const nothing = { upward: new Big(0), payout: new Big(0), points: new Big(0) };

export const conversionRow: z.ZodMiniType<Conversion> = z.object({
  conversion_id: z.string(),
  partner_id: partnerId,
  publisher_id: publisherId,
  placement_id: z.optional(placementId),
  offer_id: offerId,
  click_id: z.string(),
  event: z.string(),
  user_id: z.string(),
  status: z.enum(conversionStatuses),
  code: z.optional(heldCode),
  currency: z.string(),
  matched_by: z.enum(['click_id', 'recent_offer', 'latest_click']),
  listed_at: z.string(),
  created_at: z.string(),
  partner_conversion_id: text,
  click: z.object({
    username: text,
    sub_ids: z.optional(z.record(z.string(), z.string())),
    affiliate_id: text,
    ip: text,
    country: text,
    device_id: text,
  }),
  steps: z.array(stepRow),
  seen: stringSet,
  early_reversal: z.optional(
    z.object({ log_id: z.string(), amount: z.optional(amount), transaction_id: text, reason: text, held_as: text }),
  ),
  settlements: z._default(z.array(settlementRow), []),
  terms: z.optional(termsRow),
  credited: z._default(creditedRow, nothing),
  outbox: stringSet,
});

/** A held postback's row in the conversions table, until a person has settled it. */
export const heldRow = z.object({
  conversion_id: z.string(),
  log_id: z.string(),
  partner_id: partnerId,
  status: z.enum(conversionStatuses),
  code: heldCode,
  created_at: z.string(),
  event: z.string(),
  click_id: z.optional(clickId),
  click: z.optional(clickRow),
  offer_id: z.optional(offerId),
  payout: text,
  currency: z.string(),
  status_word: text,
  transaction_id: text,
  partner_conversion_id: text,
  /** The conversion that it became. */
  became: text,
});
export type HeldRow = z.output<typeof heldRow>;

/** Settled or not: work that nobody has done by this time is done by the sweeper. Longer than the normal path ever takes. */
export const graceMs = 60_000;

/** The sparse index entry under which the sweeper finds unfinished work. */
export function dueAttributes(id: string, at: number): { due_shard: string; due_at: string } {
  return { due_shard: shardOf(id), due_at: new Date(at).toISOString() };
}

/** The row of a new conversion: listed by partner at once, by publisher and time once it is settled. */
export function newConversionItem(conversion: Conversion, now: number): ReturnType<typeof toItem> {
  const { settlements: _none, credited: _nothing, ...recorded } = conversion;
  return {
    ...toItem(recorded),
    partner_shard: `${conversion.partner_id}#${shardOf(conversion.listed_at)}`,
    ...dueAttributes(conversion.conversion_id, now + graceMs),
  };
}

/** Index entries of a conversion that has been settled. */
export function listedAttributes(publisher: string, listedAt: string): { publisher_shard: string; time_shard: string } {
  return { publisher_shard: `${publisher}#${shardOf(listedAt)}`, time_shard: shardOf(listedAt) };
}

export function heldItem(held: HeldPostback): ReturnType<typeof toItem> {
  const publisher = held.click?.publisher_id;
  return {
    ...toItem({
      ...held,
      status: 'held',
      listed_at: held.log_id,
      click_id: held.click?.click_id,
      publisher_id: publisher,
      user_id: held.click?.user_id,
    }),
    partner_shard: `${held.partner_id}#${shardOf(held.log_id)}`,
    time_shard: shardOf(held.log_id),
    ...(publisher === undefined ? {} : { publisher_shard: `${publisher}#${shardOf(held.log_id)}` }),
  };
}
