import * as z from 'zod/mini';
import { commonEnvironment, queueUrl, secretId, table, wholeNumber } from '../runtime/env.ts';

export const receiverEnvironment = z.object({
  ...commonEnvironment,
  SETTINGS_TABLE: table,
  KEYS_TABLE: table,
  CLICKS_TABLE: table,
  POSTBACKS_TABLE: table,
  CONVERSIONS_TABLE: table,
  LEDGER_TABLE: table,
  DELIVERIES_TABLE: table,
  STATISTICS_TABLE: table,
  CONVERSIONS_QUEUE_URL: queueUrl,
  DELIVERIES_QUEUE_URL: queueUrl,
  SECRETS_KEY_ID: secretId,
  /** IP addresses and ranges of the proxies in front of us, separated by commas. We believe them about the caller's IP address. */
  TRUSTED_PROXIES: z._default(z.string(), ''),
  RATE_PER_KEY: wholeNumber(1, 1_000_000),
  RATE_PER_UNKNOWN_ADDRESS: wholeNumber(1, 1_000_000),
});
export type ReceiverEnvironment = z.input<typeof receiverEnvironment>;
