import * as z from 'zod/mini';
import { commonEnvironment, table } from '../runtime/env.ts';

export const trackerEnvironment = z.object({ ...commonEnvironment, SETTINGS_TABLE: table, CLICKS_TABLE: table });
export type TrackerEnvironment = z.input<typeof trackerEnvironment>;
