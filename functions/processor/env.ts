import * as z from 'zod/mini';
import { commonEnvironment, outboundPolicy, queueUrl, secretId, table } from '../runtime/env.ts';

export const processorEnvironment = z.object({
  ...commonEnvironment,
  SETTINGS_TABLE: table,
  POSTBACKS_TABLE: table,
  CONVERSIONS_TABLE: table,
  LEDGER_TABLE: table,
  DELIVERIES_TABLE: table,
  ENDPOINTS_TABLE: table,
  STATISTICS_TABLE: table,
  DELIVERIES_QUEUE_URL: queueUrl,
  CONVERSIONS_QUEUE_ARN: z.string(),
  DELIVERIES_QUEUE_ARN: z.string(),
  SECRETS_KEY_ID: secretId,
  /** The topic through which alerts by email are sent. */
  ALERTS_TOPIC_ARN: z.string().check(z.startsWith('arn:')),
  OUTBOUND_POLICY: outboundPolicy,
});
export type ProcessorEnvironment = z.input<typeof processorEnvironment>;
