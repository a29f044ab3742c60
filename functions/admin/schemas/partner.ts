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

/** Text, or what JSON would write as a number or boolean: `50.00` and `"50.00"` are the same (contract 1.1). */
const parameterValue = z.union([z.string().max(2_048), z.number(), z.boolean()], 'must be a text, a number or a boolean').transform(String);

const baseUrl = z
  .url({ protocol: /^https?$/, hostname: /^[^\s/?#]+$/, error: 'must be an absolute address such as https://postback.example.com' })
  .max(300)
  .refine((text) => !/[?#@{}]/.test(text), 'must not hold a query, a fragment, credentials or macros')
  .transform((text) => text.replace(/\/+$/, ''));

const secret = z
  .string()
  .min(1, 'must not be empty')
  .max(1_000)
  .regex(/^\P{Cc}*$/u, 'must not hold control characters');

const fields = {
  preset: networkId.nullish().meta({
    description: "The partner's network, built in or of `/networks`: how it names, signs and words its postbacks; null: none",
    example: 'bitlabs',
  }),
  network_settings: networkSettings.nullish().meta({ description: 'What is otherwise than the network has it; null: nothing' }),
  parameter_mapping: z
    .record(parameterName, z.union([ourParameter, z.null()]))
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
      replace: z.boolean().optional().meta({ description: 'Leave no other secret valid' }),
      ...ownSigning,
    })
    .nullish()
    .meta({
      description:
        'Once there is a secret, unsigned requests are refused. A new one is valid beside the one before; null: requests need no signature. The other members say how it signs, where its network does not',
    }),
  public_base_url: baseUrl.nullish().meta({
    description: 'The address the partner calls, where it is not ours: signatures may cover it',
    example: 'https://track.example.com',
  }),
  allowed_ips: z
    .array(z.string().max(50))
    .max(500)
    .nullish()
    .meta({ description: "Addresses and CIDR ranges; null: the network's", example: ['192.0.2.0/24'] }),
  ip_policy: z
    .enum(['enforce', 'flag', 'off'])
    .nullish()
    .meta({ description: 'What happens to postbacks from other addresses; null: `flag`' }),
  fallback_matching: z
    .enum(['unique', 'latest', 'off'])
    .nullish()
    .meta({ description: 'Which click a postback without a click id means; null: `unique`' }),
  repeat: z
    .enum(['once', 'per_transaction'])
    .nullish()
    .meta({ description: 'How often a click may earn, where its offer does not say; null: as the network has it, else `once`' }),
  match_by_transaction: z
    .boolean()
    .nullish()
    .meta({ description: 'Without a click id the transaction leads to its conversion; null: as the network has it' }),
  negative_payout: z
    .enum(['refuse', 'reverses'])
    .nullish()
    .meta({ description: 'What an amount below zero means; null: as the network has it, else `refuse`' }),
  mode: z
    .enum(['standard', 'forward_only'])
    .nullish()
    .meta({ description: '`forward_only`: postbacks go on to `forward_to` as they came; null: `standard`' }),
  forward_to: z.array(publisherId).max(20).nullish(),
  response: z
    .strictObject({ content_type: answerType.optional(), success: plainText(2_000).optional(), duplicate: plainText(2_000).optional() })
    .nullish()
    .meta({ description: "Bodies of a 200 answer; null: the network's, else JSON", example: { success: 'OK' } }),
  currency: currency.nullish().meta({ description: 'Of payouts that name none; null: USD' }),
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
      secrets: z.int().meta({ description: 'How many are valid: two while one is being rotated' }),
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
