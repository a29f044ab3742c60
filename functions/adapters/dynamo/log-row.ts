import * as z from 'zod/mini';
import { budgets, cutToBytes, fits } from '../../domain/byte-budget.ts';
import { errorCodes, type HeldCode, heldCodes, type LogFlag, logFlags, type PostbackErrorCode } from '../../domain/codes.ts';
import { clickOfConversion } from '../../domain/conversion-id.ts';
import type { LogEntry } from '../../domain/log-entry.ts';
import type { Json } from '../../domain/postback/postback.ts';
import { shardByNames, shardOf } from '../../domain/shards.ts';
import { postbackResults } from '../../domain/status.ts';
import { partnerId } from '../../runtime/ids.ts';
import { record, toItem } from './item.ts';

const text = z.optional(z.string());
const code = z.custom<PostbackErrorCode | HeldCode>(
  (value) => typeof value === 'string' && (Object.hasOwn(errorCodes, value) || Object.hasOwn(heldCodes, value)),
);
const outcome = { result: z.enum(postbackResults), code: z.optional(code), message: text, rule_id: text };

export const logRow: z.ZodMiniType<LogEntry> = z.object({
  ...outcome,
  log_id: z.string(),
  partner_id: partnerId,
  key_id: z.string(),
  received_at: z.string(),
  flags: z._default(z.array(z.custom<LogFlag>((value) => typeof value === 'string' && Object.hasOwn(logFlags, value))), []),
  click_id: text,
  offer_id: text,
  user_id: text,
  conversion_id: text,
  transaction_id: text,
  status: text,
  payout: text,
  currency: text,
  event: text,
  // Stored as text, because partners may nest values deeper than attributes allow, and use names that attributes do not allow.
  custom_data: z.pipe(
    z.pipe(
      z.string(),
      z.transform((text): unknown => JSON.parse(text)),
    ),
    z.custom<Record<string, Json>>((value) => typeof value === 'object' && value !== null),
  ),
  raw: z.object({
    method: z.string(),
    origin: z.string(),
    path: z.string(),
    query: z.string(),
    headers: record(z.string()),
    body: text,
    event: text,
    source_address: z.string(),
  }),
  staging: z.optional(z.boolean()),
  earlier: z.optional(z.array(z.object({ ...outcome, at: z.string(), by: z.string() }))),
});

/** Log entries are kept for 400 days, which is enough for the latest reversals that partners send and for a year's audit. */
const keptSeconds = 400 * 86_400;

/** The longest click id in bytes that is in the index: none of ours is longer, and an index accepts no key of more than 2,048 bytes. */
const longestClickId = 200;

/**
 * The click under which the index finds the entry. An accepted postback is found by the conversions of its click, so almost every postback
 * needs no index entry.
 */
function byClick({ click_id: click, conversion_id: conversion, result }: LogEntry): string | undefined {
  if (click === undefined || click === '' || !fits(click, longestClickId)) return undefined;
  return result === 'accepted' && conversion !== undefined && clickOfConversion(conversion) === click ? undefined : click;
}

/**
 * Custom data as JSON text. If it exceeds the budget, only the beginnings of names and values are kept, since the raw request contains all
 * of them. A character that JSON escapes can take six bytes.
 */
function customDataText(data: LogEntry['custom_data']): string {
  const text = JSON.stringify(data);
  if (fits(text, budgets.customData)) return text;
  const beginnings = Object.entries(data).map(([name, value]) => [
    cutToBytes(name),
    cutToBytes(typeof value === 'string' ? value : JSON.stringify(value)),
  ]);
  return JSON.stringify(Object.fromEntries(beginnings));
}

/** How many of an entry's first outcomes, and how many of its latest, are kept, however often it is processed again. */
const mostEarlier = 50;

function fewEarlier(earlier: LogEntry['earlier']): LogEntry['earlier'] {
  if (earlier === undefined || earlier.length <= 2 * mostEarlier) return earlier;
  return [...earlier.slice(0, mostEarlier), ...earlier.slice(-mostEarlier)];
}

export function logItem(entry: LogEntry): ReturnType<typeof toItem> {
  const click = byClick(entry);
  return {
    ...toItem({
      ...entry,
      custom_data: customDataText(entry.custom_data),
      earlier: fewEarlier(entry.earlier),
      flags: entry.flags.length > 0 ? entry.flags : undefined,
    }),
    shard: shardOf(entry.log_id),
    partner_shard: `${entry.partner_id}#${shardByNames(entry.log_id, { transaction: entry.transaction_id, user: entry.user_id })}`,
    expires_at: Math.floor(Date.parse(entry.received_at) / 1_000) + keptSeconds,
    ...(click === undefined ? {} : { by_click: click }),
  };
}
