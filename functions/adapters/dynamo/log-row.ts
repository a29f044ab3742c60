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
  // As text: partners may nest deeper, and use names, than attributes allow.
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

/** Log entries are kept for 400 days: the longest reversal seen in the field and a year's audit fit in. */
const keptSeconds = 400 * 86_400;

/** No click id of ours has more bytes, and an index takes no longer key than 2,048. */
const longestClickId = 200;

/**
 * The click under which the index finds the entry. An accepted postback is found by the conversions of its click, so the way of
 * almost every postback costs no index entry.
 */
function byClick({ click_id: click, conversion_id: conversion, result }: LogEntry): string | undefined {
  if (click === undefined || click === '' || !fits(click, longestClickId)) return undefined;
  return result === 'accepted' && conversion !== undefined && clickOfConversion(conversion) === click ? undefined : click;
}

/** The raw request has all of it, so what has more than the budget is kept by its beginnings: letters that JSON escapes take six bytes each. */
function customDataText(data: LogEntry['custom_data']): string {
  const text = JSON.stringify(data);
  if (fits(text, budgets.customData)) return text;
  const beginnings = Object.entries(data).map(([name, value]) => [
    cutToBytes(name),
    cutToBytes(typeof value === 'string' ? value : JSON.stringify(value)),
  ]);
  return JSON.stringify(Object.fromEntries(beginnings));
}

/** However often an entry is processed again, its first outcomes and its latest are kept. */
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
