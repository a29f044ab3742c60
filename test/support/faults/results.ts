import { readFile } from 'node:fs/promises';
import * as z from 'zod';

const outcomeSchema = z.object({
  experiment: z.string(),
  runs: z.number(),
  acknowledged: z.number(),
  lost: z.number(),
  paidTwice: z.number(),
  recoveryMs: z.number().optional(),
  ownClock: z.boolean().optional(),
  note: z.string().optional(),
  seed: z.number(),
});
export type Outcome = z.output<typeof outcomeSchema>;

/** Reads the reports of one run's experiments; there are none when there was no run. */
export async function readOutcomes(file: string): Promise<Outcome[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => outcomeSchema.parse(JSON.parse(line)));
}
