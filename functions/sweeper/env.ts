import * as z from 'zod/mini';
import { commonEnvironment, queueUrl, table } from '../runtime/env.ts';

export const sweeperEnvironment = z.object({
  ...commonEnvironment,
  SETTINGS_TABLE: table,
  POSTBACKS_TABLE: table,
  CONVERSIONS_TABLE: table,
  LEDGER_TABLE: table,
  DELIVERIES_TABLE: table,
  ENDPOINTS_TABLE: table,
  CONVERSIONS_QUEUE_URL: queueUrl,
  DELIVERIES_QUEUE_URL: queueUrl,
});
const schedule = z.object({ time: z.iso.datetime() });

/** Epoch milliseconds of the minute for which the schedule called; `undefined` when a person calls the function by hand. */
export function scheduledTime(event: unknown): number | undefined {
  const read = z.safeParse(schedule, event);
  return read.success ? Date.parse(read.data.time) : undefined;
}

export type SweeperEnvironment = z.input<typeof sweeperEnvironment>;
