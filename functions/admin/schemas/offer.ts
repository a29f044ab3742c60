import * as z from 'zod';
import { capName } from '../../domain/conversions/counting.ts';
import { eventName } from '../../domain/postback/event-names.ts';
import { capPeriods } from '../../domain/settings.ts';
import { amountText, textOrNull, timeText } from '../records/fields.ts';
import { active, amount, currency, holdHours, nameText, offerId, partnerId, percent, plainText, publisherId, timezone } from './fields.ts';

/** These events are logged and never paid (contract 1.6), so a goal cannot be one of them. */
const neverPaid = ['terminate', 'quotafull', 'security'];

const event = plainText(100)
  .transform(eventName)
  .refine((name) => /^[^\s#|/]+$/.test(name), 'must be an event without blanks, #, | or /')
  .refine((name) => !neverPaid.includes(name), 'is an event that is never paid')
  .meta({ example: 'purchase' });

const payout = amount.nullish().meta({ description: 'Fixed downward payout, in the currency of the offer', example: '2.50' });
const share = percent
  .nullish()
  .meta({ description: 'If above 0, the downward payout is this percentage of the upward payout', example: '80' });

const hold = holdHours.nullish();

const goal = z.strictObject({ event, payout, revenue_share_percent: share, hold_hours: hold }).meta({ id: 'NewGoal' });

const cap = z
  .strictObject({
    per: z.enum(capPeriods),
    of: z.enum(['conversions', 'payout']),
    limit: amount.meta({ description: 'The most that is paid for in a period; payout in the currency of the offer', example: '100' }),
    publisher_id: publisherId.nullish().meta({ description: "Only this publisher's conversions; null: those of all publishers" }),
    timezone: timezone.nullish().meta({ description: 'The time zone of days, weeks (from Monday) and months; null: UTC' }),
  })
  .refine(({ of, limit }) => of === 'payout' || limit.eq(limit.round(0)), {
    path: ['limit'],
    message: 'must be a whole number of conversions',
  })
  .meta({ id: 'NewCap' });

const fallbackUrl = z.string().trim().nullish().meta({
  description: 'Where the tracking link leads while the offer is inactive or deleted; may contain macros; null: it answers 404',
  example: 'https://publisher.example/other-offers?user={user_id}',
});

const fields = {
  fallback_url: fallbackUrl,
  campaign_id: plainText(200).min(1).nullish().meta({ description: "The partner's own id for the offer", example: 'VBFS6' }),
  payout,
  revenue_share_percent: share,
  currency: currency.nullish().meta({ description: 'Currency of fixed payouts; null: the currency of the postback' }),
  conversion_window_days: z.int().min(1).max(3_650).nullish().meta({ description: 'Conversions of older clicks are held; null: 30' }),
  repeat: z
    .enum(['once', 'per_transaction'])
    .nullish()
    .meta({ description: "How often a click may convert for one event; null: the partner's or its network's default, else `once`" }),
  hold_hours: hold,
  caps: z
    .array(cap)
    .max(10)
    .refine(
      (caps) => new Set(caps.map((one) => capName(one))).size === caps.length,
      'must not have two caps of the same per, of, publisher_id and timezone',
    )
    .nullish()
    .meta({ description: 'Conversions above one of these caps are held with `over_cap`' }),
  goals: z
    .array(goal)
    .max(50)
    .refine((goals) => new Set(goals.map((declared) => declared.event)).size === goals.length, 'must not declare an event twice')
    .nullish()
    .meta({ description: 'Other events that convert, each once per click' }),
  status: active.nullish().meta({ description: '`inactive`: no new clicks; null: `active`' }),
};

const targetUrl = z
  .string()
  .trim()
  .meta({ description: 'Where a tracking link leads; may contain macros', example: 'https://partner.example/start?sub={click_id}' });

export const newOffer = z
  .strictObject({ offer_id: offerId.optional(), partner_id: partnerId, name: nameText, target_url: targetUrl, ...fields })
  .meta({ id: 'NewOffer' });
export const offerChange = z
  .strictObject({ name: nameText.optional(), target_url: targetUrl.optional(), ...fields })
  .meta({ id: 'OfferChange' });
export type OfferChange = z.output<typeof offerChange>;

export const offerView = z
  .object({
    offer_id: z.string(),
    partner_id: z.string(),
    campaign_id: textOrNull,
    name: z.string(),
    target_url: z.string(),
    fallback_url: textOrNull,
    payout: amountText.nullable(),
    revenue_share_percent: amountText.nullable(),
    currency: textOrNull,
    conversion_window_days: z.int(),
    repeat: z.enum(['once', 'per_transaction']).nullable(),
    hold_hours: amountText.nullable(),
    caps: z.array(
      z.object({
        per: z.enum(capPeriods),
        of: z.enum(['conversions', 'payout']),
        limit: amountText,
        publisher_id: textOrNull,
        timezone: textOrNull,
      }),
    ),
    goals: z.array(
      z.object({
        event: z.string(),
        payout: amountText.nullable(),
        revenue_share_percent: amountText.nullable(),
        hold_hours: amountText.nullable(),
      }),
    ),
    status: active,
    created_at: timeText,
    updated_at: timeText,
  })
  .meta({ id: 'Offer' });

export const warnings = z
  .array(z.string())
  .meta({ description: 'Likely mistakes in what was saved, such as an unknown macro', example: [] });
