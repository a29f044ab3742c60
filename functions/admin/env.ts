import * as z from 'zod/mini';
import { commonEnvironment, outboundPolicy, queueUrl, secretId, table, wholeNumber } from '../runtime/env.ts';

export const adminEnvironment = z.object({
  ...commonEnvironment,
  SETTINGS_TABLE: table,
  KEYS_TABLE: table,
  TOKENS_TABLE: table,
  CLICKS_TABLE: table,
  POSTBACKS_TABLE: table,
  CONVERSIONS_TABLE: table,
  LEDGER_TABLE: table,
  DELIVERIES_TABLE: table,
  ENDPOINTS_TABLE: table,
  STATISTICS_TABLE: table,
  AUDIT_TABLE: table,
  CONVERSIONS_QUEUE_URL: queueUrl,
  CONVERSIONS_DEAD_LETTER_QUEUE_URL: queueUrl,
  DELIVERIES_QUEUE_URL: queueUrl,
  DELIVERIES_DEAD_LETTER_QUEUE_URL: queueUrl,
  SECRETS_KEY_ID: secretId,
  CLICKS_PER_USER_AND_HOUR: wholeNumber(1, 1_000_000),
  /** The topic through which alerts are sent by email. */
  ALERTS_TOPIC_ARN: z.string().check(z.startsWith('arn:')),
  OUTBOUND_POLICY: outboundPolicy,
  /** The base URL that partners call, without a path; absent: the host of the request is used. */
  PUBLIC_BASE_URL: z.optional(z.url()),
});
export type AdminEnvironment = z.input<typeof adminEnvironment>;
