import * as z from 'zod';
import { standardParameters } from '../../domain/postback/postback.ts';
import { textOrNull, timeText } from '../records/fields.ts';
import { nameText, partnerId } from './fields.ts';

/** Longest grace period: a partner that has not changed its URL in 90 days needs a person's help. */
const longestGrace = 90 * 86_400;

const label = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'must be 1 to 32 letters, digits, hyphens or underscores')
  .meta({
    description: 'Such as `production`, `staging` or `backup`; every postback sent with a `staging` key is a test',
    example: 'production',
  });

export const generateKey = z
  .strictObject({
    partner_id: partnerId,
    label: label.default('production'),
    grace_seconds: z
      .int()
      .min(0)
      .max(longestGrace)
      .default(0)
      .meta({ description: 'How long the replaced keys keep working', example: 86_400 }),
  })
  .meta({ id: 'GenerateKey' });

export const issuedKey = z
  .object({
    success: z.literal(true),
    unique_key: z.string().meta({ description: 'The key itself, shown only here; we store a hash of it' }),
    key_id: z.string(),
    postback_url: z.string().meta({ description: "Ready to paste into the partner's network, in its own macros" }),
    postback_urls: z.array(z.string()).meta({ description: 'All URLs, for networks that want several, such as another one for reversals' }),
    label: z.string(),
  })
  .meta({ id: 'IssuedKey' });

export const keyView = z
  .object({
    key_id: z.string(),
    prefix: z.string().meta({ description: 'How the key begins, so that you can recognize it', example: 'kR3v9x' }),
    label: z.string(),
    status: z.enum(['active', 'expired', 'revoked']),
    created_at: timeText,
    expires_at: textOrNull.meta({ description: 'End of its grace period; null: not rotated' }),
    last_used_at: textOrNull.meta({ description: 'Accurate to the minute' }),
  })
  .meta({ id: 'Key' });

const parameterName = z
  .string()
  .trim()
  .regex(/^[^\s&=?#%{}[\]]{1,100}$/, 'must be a plain parameter name')
  .meta({ example: 'payout' });

export const generateQuick = z
  .strictObject({
    parameters: z
      .array(parameterName)
      .max(50)
      .default(['click_id', 'payout', 'status', 'transaction_id'])
      .meta({ description: 'Our parameters that the URL should contain', example: ['click_id', 'payout', 'status'] }),
    custom_params: z
      .array(parameterName)
      .max(50)
      .default([])
      .meta({ description: "The partner's own parameters, kept as custom data", example: ['survey_name'] }),
    partner_name: nameText.optional().meta({ description: 'A partner with this name gets another key; if there is none, it is created' }),
    parameter_mappings: z
      .partialRecord(z.enum(standardParameters), parameterName)
      .default({})
      .meta({ description: "`{our: their}`: the partner's names for our parameters", example: { click_id: 'aff_sub' } }),
  })
  .meta({ id: 'GenerateQuick' });

export const quickAnswer = z
  .object({
    success: z.literal(true),
    unique_key: z.string(),
    key_id: z.string(),
    base_url: z.string().meta({ example: 'https://postback.example.com/postback/…' }),
    full_url: z.string().meta({ description: "Ready to paste into the partner's dashboard, with its macros in braces" }),
    parameters: z.array(z.string()).meta({ description: 'The parameters of `full_url`, in order' }),
    partner_id: z.string(),
    partner_name: z.string(),
  })
  .meta({ id: 'QuickAddress' });
