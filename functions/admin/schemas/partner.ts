import * as z from 'zod';
import { standardParameters } from '../../domain/postback/postback.ts';
import { standardOf } from '../../domain/postback/standard-names.ts';
import { postbackStatuses } from '../../domain/status.ts';
import { timeText } from '../records/fields.ts';
import { active, currency, nameText, partnerId, plainText, publisherId } from './fields.ts';
import { answerType, networkId, networkSettings, ownSigning } from './network.ts';

const mostEntries = 100;
const fewEnough = (map: object): boolean => Object.keys(map).length <= mostEntries;
const tooMany = `must not have more than ${mostEntries} entries`;

const parameterName = z.string().min(1).max(100);
const ourParameter = z
  .string()
  .transform((name, context) => {
    const standard = standardOf(name);
    if (standard !== undefined) return standard;
    context.addIssue({ code: 'custom', message: `must be a standard parameter: ${standardParameters.join(', ')}` });
    return z.NEVER;
  })
  .meta({ example: 'click_id' });

/** Text, or a JSON number or boolean as its text: `50.00` and `"50.00"` are the same (contract 1.1). */
const parameterValue = z.union([z.string().max(2_048), z.number(), z.boolean()], 'must be a text, a number or a boolean').transform(String);

const baseUrl = z
  .url({ protocol: /^https?$/, hostname: /^[^\s/?#]+$/, error: 'must be an absolute URL such as https://postback.example.com' })
  .max(300)
  .refine((text) => !/[?#@{}]/.test(text), 'must not contain a query, a fragment, credentials or macros')
  .transform((text) => text.replace(/\/+$/, ''));

const secret = z
  .string()
  .min(1, 'must not be empty')
  .max(1_000)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters');

const fields = {
  preset: networkId.nullish().meta({
    description:
      "The partner's network, built-in or from `/networks`: parameter names, signature and status words; you can override any of it; null: none",
    example: 'bitlabs',
  }),
  network_settings: networkSettings.nullish().meta({ description: 'Overrides of the network; null: none' }),
  parameter_mapping: z
    .record(parameterName, ourParameter.nullable())
    .refine(fewEnough, tooMany)
    .nullish()
    .meta({
      description:
        '`{their: our}`, applied before the aliases; `their` may be a path into nested JSON, `null` for ours: custom data whatever its name',
      example: { aff_tx: 'transaction_id' },
    }),
  parameter_defaults: z
    .partialRecord(z.enum(standardParameters), parameterValue)
    .nullish()
    .meta({ description: '`{our: value}` for what the partner never sends', example: { currency: 'EUR' } }),
  status_mapping: z
    .record(z.string().min(1).max(100), z.enum(postbackStatuses))
    .refine(fewEnough, tooMany)
    .nullish()
    .meta({ description: '`{word: status}`, applied before the usual words; also for numbers', example: { '7': 'approved' } }),
  signing: z
    .strictObject({
      secret: secret.optional(),
      replace: z.boolean().optional().meta({ description: 'Invalidate all other secrets' }),
      ...ownSigning,
    })
    .nullish()
    .meta({
      description:
        'Once a secret is set, unsigned requests are rejected. A new secret works alongside the previous one; null: requests need no signature. The other members say how the partner signs, if its network does not',
    }),
  public_base_url: baseUrl.nullish().meta({
    description: 'Only needed if the partner calls another host (proxy, custom domain): some signatures cover the full URL',
    example: 'https://track.example.com',
  }),
  allowed_ips: z
    .array(z.string().max(50))
    .max(500)
    .nullish()
    .meta({ description: "IP addresses and CIDR ranges; null: the network's", example: ['192.0.2.0/24'] }),
  ip_policy: z
    .enum(['enforce', 'flag', 'off'])
    .nullish()
    .meta({ description: 'Unlisted IP addresses: accept and flag, reject (`enforce`), or accept; null: `flag`' }),
  fallback_matching: z
    .enum(['unique', 'latest', 'off'])
    .nullish()
    .meta({ description: 'How to match a postback without a click id; null: `unique`' }),
  repeat: z
    .enum(['once', 'per_transaction'])
    .nullish()
    .meta({ description: "How often a click may convert, unless its offer says so; null: the network's default, else `once`" }),
  match_by_transaction: z
    .boolean()
    .nullish()
    .meta({ description: "Without a click id, find the conversion by its transaction; null: the network's default" }),
  negative_payout: z
    .enum(['refuse', 'reverses'])
    .nullish()
    .meta({ description: "What a negative amount means; null: the network's default, else `refuse`" }),
  mode: z
    .enum(['standard', 'forward_only'])
    .nullish()
    .meta({ description: '`forward_only`: postbacks are passed on to `forward_to` unchanged; null: `standard`' }),
  forward_to: z.array(publisherId).max(20).nullish(),
  response: z
    .strictObject({ content_type: answerType.optional(), success: plainText(2_000).optional(), duplicate: plainText(2_000).optional() })
    .nullish()
    .meta({ description: "Response body for accepted postbacks; null: the network's default, else JSON", example: { success: 'OK' } }),
  currency: currency.nullish().meta({ description: 'Currency of payouts sent without one; null: USD' }),
  status: active.nullish().meta({ description: 'null: `active`' }),
};

export const newPartner = z
  .strictObject({ partner_id: partnerId.optional(), partner_name: nameText, ...fields })
  .meta({ id: 'NewPartner' });
export const partnerChange = z.strictObject({ partner_name: nameText.optional(), ...fields }).meta({ id: 'PartnerChange' });
export type PartnerChange = z.output<typeof partnerChange>;

export const partnerView = z
  .object({
    partner_id: z.string(),
    partner_name: z.string(),
    status: active,
    mode: z.enum(['standard', 'forward_only']),
    forward_to: z.array(z.string()),
    preset: z.string().nullable(),
    network_settings: networkSettings.nullable(),
    parameter_mapping: z.record(z.string(), z.string().nullable()),
    parameter_defaults: z.record(z.string(), z.string()),
    status_mapping: z.record(z.string(), z.enum(postbackStatuses)),
    signing: z.object({
      configured: z.boolean(),
      secrets: z.int().meta({ description: 'Number of valid secrets: two during a rotation' }),
    }),
    public_base_url: z.string().nullable(),
    allowed_ips: z.array(z.string()).nullable(),
    ip_policy: z.enum(['enforce', 'flag', 'off']),
    fallback_matching: z.enum(['unique', 'latest', 'off']),
    repeat: z.enum(['once', 'per_transaction']).nullable(),
    match_by_transaction: z.boolean().nullable(),
    negative_payout: z.enum(['refuse', 'reverses']).nullable(),
    response: z
      .object({ content_type: z.string().optional(), success: z.string().optional(), duplicate: z.string().optional() })
      .nullable(),
    currency: z.string(),
    created_at: timeText,
    updated_at: timeText,
  })
  .meta({ id: 'Partner' });
