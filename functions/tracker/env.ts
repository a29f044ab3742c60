import * as z from 'zod/mini';
import { commonEnvironment, table, wholeNumber } from '../runtime/env.ts';

export const trackerEnvironment = z.object({
  ...commonEnvironment,
  SETTINGS_TABLE: table,
  CLICKS_TABLE: table,
  CLICKS_PER_USER_AND_HOUR: wholeNumber(1, 1_000_000),
});
export type TrackerEnvironment = z.input<typeof trackerEnvironment>;
