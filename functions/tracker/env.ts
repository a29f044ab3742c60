import * as z from 'zod/mini';
import { commonEnvironment, table, wholeNumber } from '../runtime/env.ts';

export const trackerEnvironment = z.object({
  ...commonEnvironment,
  SETTINGS_TABLE: table,
  CLICKS_TABLE: table,
  CLICKS_PER_USER_AND_HOUR: wholeNumber(1, 1_000_000),
  /** IP addresses and ranges of the proxies in front of us, separated by commas. We believe them about the user's IP address and country. */
  TRUSTED_PROXIES: z.string(),
});
export type TrackerEnvironment = z.input<typeof trackerEnvironment>;
