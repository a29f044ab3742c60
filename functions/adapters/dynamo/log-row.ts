import * as z from 'zod/mini';
import { errorCodes, type HeldCode, heldCodes, type LogFlag, logFlags, type PostbackErrorCode } from '../../domain/codes.ts';
import type { LogEntry } from '../../domain/log-entry.ts';
import type { Json } from '../../domain/postback/postback.ts';
import { shardOf } from '../../domain/shards.ts';
import { postbackResults } from '../../domain/status.ts';
import { partnerId } from '../../runtime/ids.ts';
import { toItem } from './item.ts';

const text = z.optional(z.string());
const code = z.custom<PostbackErrorCode | HeldCode>(
  (value) => typeof value === 'string' && (Object.hasOwn(errorCodes, value) || Object.hasOwn(heldCodes, value)),
);
const outcome = { result: z.enum(postbackResults), code: z.optional(code), message: text };

export const logRow: z.ZodMiniType<LogEntry> = z.object({
  ...outcome,
  log_id: z.string(),
  partner_id: partnerId,
  key_id: z.string(),
  received_at: z.string(),
  flags: z._default(z.array(z.custom<LogFlag>((value) => typeof value === 'string' && Object.hasOwn(logFlags, value))), []),
  click_id: text,
  offer_id: text,
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
    headers: z.record(z.string(), z.string()),
    body: text,
    event: text,
    source_address: z.string(),
  }),
  staging: z.optional(z.boolean()),
  earlier: z.optional(z.array(z.object({ ...outcome, at: z.string(), by: z.string() }))),
});

/** Log entries are kept for 400 days: the longest reversal seen in the field and a year's audit fit in. */
const keptSeconds = 400 * 86_400;

export function logItem(entry: LogEntry): ReturnType<typeof toItem> {
  return {
    ...toItem({ ...entry, custom_data: JSON.stringify(entry.custom_data), flags: entry.flags.length > 0 ? entry.flags : undefined }),
    shard: shardOf(entry.log_id),
    partner_shard: `${entry.partner_id}#${shardOf(entry.log_id)}`,
    expires_at: Math.floor(Date.parse(entry.received_at) / 1_000) + keptSeconds,
  };
}
