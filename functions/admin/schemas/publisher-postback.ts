import * as z from 'zod';
import { signAlgorithms } from '../../domain/delivery/sign.ts';
import { encodings } from '../../domain/networks/network.ts';
import { forwardedStatuses } from '../../domain/status.ts';
import { textOrNull, timeText } from '../records/fields.ts';
import { condition } from './condition.ts';
import { active, plainText, postbackMethod } from './fields.ts';

/** A URL with macros; whether it can be used is checked when it is saved. */
export const postbackUrl = z.string().trim().min(1).meta({
  description:
    'We call this URL for every conversion. It must be https and may contain macros such as {click_id}, {points}, {status}; null: nothing is sent',
  example: 'https://publisher.example/postback?id={click_id}&points={points}&status={status}',
});

/** Shown instead of a secret; a client sends it back to keep the secret. */
export const keptSecret = '***';

const postbackId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/, 'must be 1 to 40 letters, digits, dots, hyphens or underscores')
  .meta({ example: 'deposits' });

const texts = (most: number) => z.array(z.string().min(1).max(100)).max(most);

const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, 'must be the name of a header');
const headerValue = z
  .string()
  .max(1_024)
  .regex(/^[\x20-\x7e]*$/, 'must be plain ASCII');

const successWhen = z.union(
  [z.strictObject({ body_contains: plainText(500).min(1) }), z.strictObject({ body_equals: plainText(500).min(1) })],
  'must be {body_contains} or {body_equals}, one of them',
);

/** Members for the kinds of signature, without the secret. */
const signing = {
  algorithm: z.enum(signAlgorithms),
  encoding: z.enum(encodings).default('hex'),
  message: plainText(1_000).min(1).meta({
    description:
      'The text that is signed: our macros (values decoded), `{secret}`, `{body}`, `{method}`, `{target}`, `{url}`, `{url_before:NAME}`, `{sorted_query}`, `{sorted_query:SEP}`, `{sorted_values:SEP}`, `{raw:macro}`, `{int:macro}`',
    example: '{user_id}{payout}{secret}',
  }),
};

const statuses = z.array(z.enum(forwardedStatuses));
const rate = z.number().min(0.01).max(1_000).meta({ description: 'The most requests per second' });

export const sentPostback = z
  .strictObject({
    postback_id: postbackId.optional().meta({ description: 'The postback to change; absent: a postback is added' }),
    url: postbackUrl,
    method: postbackMethod.nullish().meta({ description: 'Null: `GET`' }),
    content_type: z.enum(['json', 'form']).nullish().meta({ description: "Content type of a POST's body; null: `json`" }),
    offer_ids: texts(500).nullish().meta({ description: 'Only these offers; null: all. The next three fields work the same way' }),
    events: texts(100).nullish(),
    statuses: statuses.nullish(),
    placement_ids: texts(100).nullish(),
    when: condition.nullish().meta({ description: 'A condition on what the publisher gets; its fields are the names of the macros' }),
    headers: z
      .record(headerName, z.union([headerValue, z.strictObject({ secret: headerValue })]))
      .refine((sent) => Object.keys(sent).length <= 20, 'must not hold more than 20 headers')
      .nullish()
      .meta({
        description: `Sent in addition to ours; values may contain macros. A secret is never shown again: \`${keptSecret}\` keeps it`,
      }),
    basic_auth: z
      .strictObject({ username: plainText(200).regex(/^[^:]*$/, 'must not hold a colon'), password: plainText(500).optional() })
      .nullish()
      .meta({ description: 'The password is never shown again; absent: it stays the same' }),
    success_when: successWhen.nullish().meta({ description: 'What a 2xx answer must contain to count as success' }),
    rate_per_second: rate.nullish(),
    sign: z
      .strictObject({ ...signing, secret: plainText(500).min(1).optional() })
      .nullish()
      .meta({ description: 'Fills `{signature}`. The secret is never shown again; absent: it stays the same' }),
    status: active.nullish(),
  })
  .meta({ id: 'NewPostback' });
export type SentPostback = z.output<typeof sentPostback>;

export const endpointView = z
  .object({
    state: z.enum(['active', 'backing_off', 'paused']).meta({
      description:
        '`backing_off`: deliveries wait a few minutes because attempts fail; `paused`: deliveries are held until you resume them',
    }),
    reason: textOrNull.meta({
      description: '`manual`, `gone` (the publisher answered 410) or `failing` (for five days); when backing off: `failing`',
    }),
    since: textOrNull.meta({ description: 'ISO 8601' }),
    consecutive_failures: z.int(),
  })
  .meta({ id: 'Endpoint', description: 'The health of an endpoint' });

export const postbackView = z
  .object({
    postback_id: z.string(),
    url: z.string(),
    method: postbackMethod,
    content_type: z.enum(['json', 'form']),
    offer_ids: z.array(z.string()).nullable(),
    events: z.array(z.string()).nullable(),
    statuses: statuses.nullable(),
    placement_ids: z.array(z.string()).nullable(),
    when: z.unknown().nullable(),
    headers: z.record(z.string(), z.string()).meta({ description: `Secret values are \`${keptSecret}\`` }),
    basic_auth: z.object({ username: z.string() }).nullable(),
    success_when: z.union([z.object({ body_contains: z.string() }), z.object({ body_equals: z.string() })]).nullable(),
    rate_per_second: z.number().nullable(),
    sign: z.object({ algorithm: z.string(), encoding: z.string(), message: z.string() }).nullable(),
    status: active,
    endpoint: endpointView,
  })
  .meta({ id: 'Postback' });

export const attemptView = z
  .object({
    delivered: z.boolean().meta({ description: 'Whether we got a complete 2xx answer in time that says what `success_when` asks for' }),
    delivery_id: z.string().meta({ description: 'The `webhook-id` that was sent' }),
    postback_id: textOrNull.meta({ description: 'Null: the plain postback URL' }),
    url: z.string(),
    method: postbackMethod,
    headers: z.record(z.string(), z.string()),
    body: textOrNull,
    code: z.string().meta({ example: 'http_200' }),
    http_status: z.int().nullable(),
    duration_ms: z.int(),
    answer: z.string().meta({ description: "The first 2 KB of the answer's body" }),
  })
  .meta({ id: 'TestAttempt' });

/** The recent health of one endpoint of a publisher. */
export const healthView = endpointView
  .extend({
    postback_id: textOrNull.meta({ description: 'Null: the plain postback URL' }),
    url: textOrNull,
    last_24_hours: z.object({
      attempts: z.int(),
      failures: z.int(),
      success_rate: z.number().nullable().meta({ description: 'Share of attempts that succeeded, 0 to 1; null: there were none' }),
    }),
    undelivered: z
      .object({ scheduled: z.int(), failing: z.int(), held: z.int(), dead: z.int(), no_url: z.int() })
      .meta({ description: 'Deliveries that have not arrived, by status' }),
    last_failure: z
      .object({ at: timeText, delivery_id: z.string(), code: z.string(), http_status: z.int().nullable(), answer: textOrNull })
      .nullable(),
  })
  .meta({ id: 'EndpointHealth' });
