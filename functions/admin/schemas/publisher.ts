import * as z from 'zod';
import { forwardedStatuses } from '../../domain/status.ts';
import { amountText, textOrNull, timeText } from '../records/fields.ts';
import { amount, holdHours, nameText, percent, postbackMethod, publisherId } from './fields.ts';

/** An address with macros; what it may be is checked when it is saved. */
export const postbackUrl = z.string().trim().min(1).meta({
  description:
    'We call this URL for every conversion. It must be https and may contain macros such as {click_id}, {points}, {status}; null: nothing is sent',
  example: 'https://publisher.example/postback?id={click_id}&points={points}&status={status}',
});

const override = z
  .strictObject({ percent: percent.optional(), fixed: amount.optional(), hold_hours: holdHours.optional() })
  .refine(
    ({ percent: share, fixed, hold_hours }) =>
      (share === undefined) !== (fixed === undefined) || (hold_hours !== undefined && fixed === undefined),
    'must have either percent or fixed, or hold_hours alone',
  )
  .meta({ description: 'Either a percentage of the upward payout or a fixed downward payout, and how long an approval waits' });

const fields = {
  postback_url: postbackUrl.nullish(),
  postback_method: postbackMethod.nullish().meta({ description: '`POST` sends JSON of all fields; null: `GET`' }),
  forward_statuses: z
    .array(z.enum(forwardedStatuses))
    .transform((statuses) => [...new Set(statuses)])
    .nullish()
    .meta({ description: 'Statuses to send; null: all four' }),
  payout_overrides: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be an offer id'), override)
    .refine((map) => Object.keys(map).length <= 500, 'must not have more than 500 entries')
    .nullish()
    .meta({
      description: "`{offer_id: {percent|fixed, hold_hours}}`: overrides the offer's terms and hold period",
      example: { 'survey-100': { percent: '85' } },
    }),
};

export const newPublisher = z
  .strictObject({ publisher_id: publisherId.optional(), name: nameText, ...fields })
  .meta({ id: 'NewPublisher' });
export const publisherChange = z.strictObject({ name: nameText.optional(), ...fields }).meta({ id: 'PublisherChange' });
export type PublisherChange = z.output<typeof publisherChange>;

export const publisherView = z
  .object({
    publisher_id: z.string(),
    name: z.string(),
    postback_url: textOrNull,
    postback_method: postbackMethod,
    forward_statuses: z.array(z.enum(forwardedStatuses)),
    payout_overrides: z.record(
      z.string(),
      z.object({ percent: amountText.optional(), fixed: amountText.optional(), hold_hours: amountText.optional() }),
    ),
    signing: z.object({ secrets: z.int().meta({ description: 'Number of valid secrets: two during a rotation' }) }),
    endpoint: z
      .object({
        state: z.enum(['active', 'open', 'paused']).meta({
          description:
            '`open`: backing off, deliveries wait a few minutes because attempts fail; `paused`: deliveries are held until you resume them',
        }),
        reason: textOrNull.meta({
          description: '`manual`, `gone` (the publisher answered 410) or `failing` (for five days); when open: `failing`',
        }),
        since: textOrNull.meta({ description: 'ISO 8601' }),
        consecutive_failures: z.int(),
      })
      .meta({ description: 'Health of its endpoint' }),
    created_at: timeText,
    updated_at: timeText,
  })
  .meta({ id: 'Publisher' });

const secret = z.string().meta({ description: 'The signing secret (`whsec_…`, Standard Webhooks), shown only here', example: 'whsec_…' });

/** Creation and rotation show the secret, beside the publisher and in it. */
export const publisherWithSecret = z.object({
  publisher: publisherView.extend({ secret }).meta({ id: 'PublisherWithSecret' }),
  secret,
  warnings: z.array(z.string()),
});

export const attemptView = z
  .object({
    delivered: z.boolean().meta({ description: 'Whether we got a complete 2xx answer in time' }),
    delivery_id: z.string().meta({ description: 'The `webhook-id` that was sent' }),
    url: z.string(),
    method: postbackMethod,
    code: z.string().meta({ example: 'http_200' }),
    http_status: z.int().nullable(),
    duration_ms: z.int(),
    answer: z.string().meta({ description: "The first 2 KB of the answer's body" }),
  })
  .meta({ id: 'TestAttempt' });
