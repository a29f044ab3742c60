import { isUtf8 } from 'node:buffer';
import * as z from 'zod';
import type { LogSummary } from '../../adapters/dynamo/log-reader.ts';
import { cureOf } from '../../domain/code-cures.ts';
import type { LogEntry } from '../../domain/log-entry.ts';
import { postbackResults } from '../../domain/status.ts';
import { textOrNull, timeText } from './fields.ts';

export const outcome = {
  result: z.enum(postbackResults),
  code: textOrNull.meta({ description: 'Why it failed or is held', example: 'click_not_found' }),
  message: textOrNull,
};

/** A log entry, as a list shows it. */
export const logSummary = z
  .object({
    log_id: z.string(),
    received_at: timeText,
    partner_id: z.string(),
    key_id: z.string().meta({ description: 'The key it was sent with; `import` or `by_hand` if it was not sent as a postback' }),
    ...outcome,
    cure: textOrNull.meta({ description: 'What to do about the code' }),
    rule_id: textOrNull.meta({ description: 'The rule that decided' }),
    click_id: textOrNull.meta({ description: 'The click that was sent or matched' }),
    offer_id: textOrNull,
    user_id: textOrNull.meta({ description: "The click's user; without a click that was found, the user id that was sent" }),
    conversion_id: textOrNull.meta({ description: 'The conversion it belongs to; for a held postback it begins with `PB-`' }),
    transaction_id: textOrNull,
    event: textOrNull,
    status: textOrNull.meta({ description: 'Our status, or the word that was sent if we do not know it' }),
    payout: textOrNull.meta({ description: 'As sent, decimal text; null: not sent, or not readable', example: '5' }),
    currency: textOrNull.meta({ description: "As sent, ISO 4217; null: the partner's", example: 'USD' }),
    flags: z.array(z.string()).meta({ description: 'Warnings', example: ['offer_mismatch'] }),
    staging: z.boolean(),
    earlier: z
      .array(z.object({ ...outcome, at: timeText, by: z.string() }))
      .meta({ description: 'Earlier results, oldest first, each with when and by whom it was replaced' }),
  })
  .meta({ id: 'LogSummary' });

/** A whole log entry. */
export const logDetail = logSummary
  .extend({
    // Not `z.record`, which would take a parameter called `__proto__` for the object's prototype.
    custom_data: z
      .custom<Readonly<Record<string, unknown>>>((value) => typeof value === 'object' && value !== null)
      .meta({
        description: 'All non-standard parameters, unchanged',
        override: { type: 'object', additionalProperties: {} },
      }),
    raw: z
      .object({
        method: z.string(),
        origin: z.string(),
        path: z.string().meta({ example: '/postback/{key}' }),
        query: z.string(),
        headers: z.record(z.string(), z.string()),
        body: textOrNull.meta({ description: 'Text if the body is UTF-8, else base64' }),
        body_encoding: z.enum(['utf8', 'base64']).nullable().meta({ description: 'Encoding of `body`; null: there was no body' }),
        event: textOrNull,
        source_address: z.string(),
      })
      .meta({ description: 'The request as received, without the key' }),
  })
  .meta({ id: 'Log' });

/** What a partner does not see of its postbacks: our notes on them, which may mention others, and who of us has handled them. */
const ours = { flags: true, earlier: true, offer_id: true, user_id: true, rule_id: true } as const;
export const ownLogSummary = logSummary.omit(ours).meta({ id: 'OwnLogSummary' });
export const ownLogDetail = logDetail.omit(ours).meta({ id: 'OwnLog' });

export function summaryOf(entry: LogSummary): z.output<typeof logSummary> {
  return {
    log_id: entry.log_id,
    received_at: entry.received_at,
    partner_id: entry.partner_id,
    key_id: entry.key_id,
    result: entry.result,
    code: entry.code ?? null,
    message: entry.message ?? null,
    rule_id: entry.rule_id ?? null,
    cure: cureOf(entry.code),
    click_id: entry.click_id ?? null,
    offer_id: entry.offer_id ?? null,
    user_id: entry.user_id ?? null,
    conversion_id: entry.conversion_id ?? null,
    transaction_id: entry.transaction_id ?? null,
    event: entry.event ?? null,
    status: entry.status ?? null,
    payout: entry.payout ?? null,
    currency: entry.currency ?? null,
    flags: [...entry.flags],
    staging: entry.staging ?? false,
    earlier: (entry.earlier ?? []).map(({ code, message, rule_id: _rule, ...known }) => ({
      ...known,
      code: code ?? null,
      message: message ?? null,
    })),
  };
}

export function detailOf(entry: LogEntry): z.output<typeof logDetail> {
  const { body, event, ...raw } = entry.raw;
  return {
    ...summaryOf(entry),
    custom_data: { ...entry.custom_data },
    raw: { ...raw, ...(body === undefined ? { body: null, body_encoding: null } : bodyOf(body)), event: event ?? null },
  };
}

/** @param base64 the body's bytes, encoded as the log keeps them. */
function bodyOf(base64: string): { body: string; body_encoding: 'utf8' | 'base64' } {
  const bytes = Buffer.from(base64, 'base64');
  return isUtf8(bytes) ? { body: bytes.toString(), body_encoding: 'utf8' } : { body: base64, body_encoding: 'base64' };
}
