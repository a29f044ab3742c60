import * as z from 'zod';
import { forwardedStatuses } from '../../domain/status.ts';
import { amountText, textOrNull, timeText } from '../records/fields.ts';
import { amount, holdHours, nameText, percent, postbackMethod, publisherId } from './fields.ts';
import { endpointView, postbackUrl, postbackView, sentPostback } from './publisher-postback.ts';

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
  postback_method: postbackMethod.nullish().meta({ description: '`POST` sends all fields as JSON; null: `GET`' }),
  postbacks: z.array(sentPostback).nullish().meta({
    description:
      'The complete list of postbacks. Each whose conditions match is called; the plain one (`postback_url`) if none does. Null: none',
  }),
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
    endpoint: endpointView,
    postbacks: z.array(postbackView).meta({ description: 'Postbacks in addition to the plain one of `postback_url`' }),
    created_at: timeText,
    updated_at: timeText,
  })
  .meta({ id: 'Publisher' });

/** What a publisher sees of itself. Its payout overrides are left out, since a percentage of the upward payout would reveal that payout. */
export const ownPublisherView = publisherView.omit({ payout_overrides: true }).meta({ id: 'OwnPublisher' });

/** What a publisher may change about itself. */
export const ownPublisherChange = z
  .strictObject({
    postback_url: fields.postback_url,
    postback_method: fields.postback_method,
    postbacks: fields.postbacks,
    forward_statuses: fields.forward_statuses,
  })
  .meta({ id: 'OwnPublisherChange' });

const secret = z.string().meta({ description: 'The signing secret (`whsec_…`, Standard Webhooks), shown only here', example: 'whsec_…' });

export const ownPublisherWithSecret = z.object({
  publisher: ownPublisherView.extend({ secret }),
  secret,
  warnings: z.array(z.string()),
});

/** The answer to creation and rotation, which shows the secret both beside the publisher and in it. */
export const publisherWithSecret = z.object({
  publisher: publisherView.extend({ secret }).meta({ id: 'PublisherWithSecret' }),
  secret,
  warnings: z.array(z.string()),
});
