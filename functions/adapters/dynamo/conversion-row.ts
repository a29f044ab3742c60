import Big from 'big.js';
import * as z from 'zod/mini';
import { type HeldCode, heldCodes } from '../../domain/codes.ts';
import type { Conversion, Settlement, Statement } from '../../domain/conversion.ts';
import { clickOfConversion, isPostbackId } from '../../domain/conversion-id.ts';
import type { HeldPostback } from '../../domain/receiving/ports.ts';
import type { Terms } from '../../domain/revenue-share.ts';
import { shardOf } from '../../domain/shards.ts';
import { conversionStatuses, forwardedStatuses } from '../../domain/status.ts';
import { offerId, partnerId, placementId, publisherId } from '../../runtime/ids.ts';
import { clickId, clickRow } from './click-store.ts';
import { count, decimal, toItem } from './item.ts';

const text = z.optional(z.string());
const amount: z.ZodMiniType<Big> = decimal;
const heldCode = z.custom<HeldCode>((value) => typeof value === 'string' && Object.hasOwn(heldCodes, value));

const statementRow: z.ZodMiniType<Statement> = z.object({
  status: z.optional(z.enum(forwardedStatuses)),
  word: text,
  chargeback: z.optional(z.boolean()),
  transaction_id: text,
  original_transaction_id: text,
  own_id: z.optional(z.boolean()),
  amount: z.optional(amount),
  currency: text,
  log_id: z.string(),
  at: z.string(),
  verdict: z.enum(['accepted', 'duplicate', 'held', 'closed']),
  code: z.optional(heldCode),
  of_held: z.optional(z.boolean()),
  held_as: text,
  any_event: z.optional(z.boolean()),
  moved: z.optional(z.boolean()),
  reason: text,
  ip: text,
  country: text,
  device_id: text,
  by: text,
  rule_id: text,
  release_at: text,
  releases: z.optional(z.boolean()),
  counted: z.optional(z.array(z.object({ place: z.string(), of: z.enum(['conversions', 'payout']) }))),
});

const settlementRow: z.ZodMiniType<Settlement> = z.object({
  payout: amount,
  points: amount,
  at: z.string(),
  sequence: z.optional(count),
  deliveries: z._default(z.array(z.object({ delivery_id: z.string(), postback_id: text })), []),
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

const storedConversion = z.object({
  conversion_id: z.string(),
  revision: count,
  partner_id: partnerId,
  publisher_id: publisherId,
  placement_id: z.optional(placementId),
  offer_id: offerId,
  click_id: clickId,
  event: z.string(),
  transaction_id: text,
  user_id: z.string(),
  status: z.enum(conversionStatuses),
  code: z.optional(heldCode),
  release_at: text,
  currency: z.string(),
  default_currency: text,
  matched_by: z._default(z.enum(['click_id', 'recent_offer', 'latest_click']), 'click_id'),
  listed_at: text,
  created_at: z.string(),
  partner_conversion_id: text,
  click: z.object({
    username: text,
    sub_ids: z.optional(z.record(z.string(), z.string())),
    affiliate_id: text,
    ip: text,
    country: text,
    device_id: text,
    clicked_at: text,
  }),
  statements: z.array(statementRow),
  opened: z.optional(z.enum(['elsewhere', 'here'])),
  settlements: z._default(z.array(settlementRow), []),
  terms: z.optional(termsRow),
  credited: z._default(creditedRow, nothing),
});

/**
 * The usual conversion is stored in less than 1 KB, the unit by which writes are billed, because values that follow from others are left
 * out of its row.
 */
export const conversionRow: z.ZodMiniType<Conversion> = z.pipe(
  storedConversion,
  z.transform((row) => ({ ...row, default_currency: row.default_currency ?? row.currency })),
);

/** A held postback's row in the conversions table, until a person has settled it. */
export const heldRow = z.object({
  conversion_id: z.string(),
  log_id: z.string(),
  partner_id: partnerId,
  status: z.enum(conversionStatuses),
  code: heldCode,
  created_at: z.string(),
  event: z.string(),
  about: text,
  click_id: z.optional(clickId),
  click: z.optional(clickRow),
  offer_id: z.optional(offerId),
  payout: text,
  currency: z.string(),
  said_status: z.optional(z.enum(forwardedStatuses)),
  status_word: text,
  transaction_id: text,
  partner_conversion_id: text,
  rule_id: text,
  /** The conversion that it has become. */
  became: text,
});
export type HeldRow = z.output<typeof heldRow>;

/**
 * The key of a row. The conversions of a click share a partition, each at its place. A held postback, or a row that only leads to a
 * conversion, has a partition of its own.
 */
export function conversionKey(id: string): { readonly owner: string; readonly place: string } {
  if (isPostbackId(id)) return { owner: id, place: '-' };
  const owner = clickOfConversion(id);
  return { owner, place: id.slice(owner.length + 1) || '-' };
}

/** The id of the row with this key. @see conversionKey */
export function conversionIdAtKey({ owner, place }: ReturnType<typeof conversionKey>): string {
  return place === '-' ? owner : `${owner}.${place}`;
}

/**
 * The row of a conversion. It is listed by partner from the first accepted statement on, by publisher and user once that is settled, and as
 * due work while it is in a hold period.
 */
export function conversionItem(conversion: Conversion): ReturnType<typeof toItem> {
  const { settlements, credited, listed_at, ...recorded } = conversion;
  const { conversion_id, release_at } = conversion;
  const settled = settlements.length > 0;
  return {
    ...toItem({ ...recorded, ...unsaid(conversion), ...(settled && { settlements, credited }) }),
    ...conversionKey(conversion.conversion_id),
    ...(listed_at !== undefined && { listed_at, partner_shard: `${conversion.partner_id}#${shardOf(listed_at)}` }),
    ...(release_at !== undefined && dueAttributes(conversion_id, Date.parse(release_at))),
    ...(listed_at !== undefined && settled && { publisher_shard: userShard(conversion.publisher_id, conversion.user_id) }),
  };
}

/** The shard that lists a publisher's conversions of a user. All of them are in one shard, so a search for a user reads no other. */
export function userShard(publisher: string, user: string): string {
  return `${publisher}#${shardOf(user)}`;
}

function unsaid({ matched_by, default_currency, currency }: Conversion): object {
  return {
    matched_by: matched_by === 'click_id' ? undefined : matched_by,
    default_currency: default_currency === currency ? undefined : default_currency,
  };
}

export function heldItem(held: HeldPostback): ReturnType<typeof toItem> {
  const { click } = held;
  return {
    ...toItem({
      ...held,
      status: 'held',
      listed_at: held.log_id,
      click_id: click?.click_id,
      publisher_id: click?.publisher_id,
      user_id: click?.user_id,
    }),
    ...conversionKey(held.conversion_id),
    partner_shard: `${held.partner_id}#${shardOf(held.log_id)}`,
    ...(click !== undefined && { publisher_shard: userShard(click.publisher_id, click.user_id) }),
  };
}

/** The sweeper does work that nobody has done by this time. It is longer than the normal path ever takes. */
export const graceMs = 60_000;

/** The attributes of the sparse index in which the sweeper finds a due delivery or conversion. */
export function dueAttributes(id: string, at: number): { due_shard: string; due_at: string } {
  return { due_shard: shardOf(id), due_at: new Date(at).toISOString() };
}
