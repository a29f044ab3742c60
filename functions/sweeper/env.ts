import * as z from 'zod/mini';
import { commonEnvironment, queueUrl, table } from '../runtime/env.ts';

export const sweeperEnvironment = z.object({
  ...commonEnvironment,
  SETTINGS_TABLE: table,
  CONVERSIONS_TABLE: table,
  DELIVERIES_TABLE: table,
  CONVERSIONS_QUEUE_URL: queueUrl,
  DELIVERIES_QUEUE_URL: queueUrl,
});
export type SweeperEnvironment = z.input<typeof sweeperEnvironment>;
