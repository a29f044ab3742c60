import type { Context, ScheduledEvent } from 'aws-lambda';
import { logError } from '../runtime/logger.ts';
import { backlogAges } from './backlog-ages.ts';
import { createSweeper } from './dependencies.ts';
import { sweep } from './sweep.ts';

const dependencies = createSweeper();
const marginMs = 10_000;

/** Sweeps, then says how old the oldest open work is: a minute without this line is an alarm of its own. */
export async function handler(_event: ScheduledEvent, context: Context): Promise<void> {
  try {
    const swept = await sweep({ ...dependencies, timeIsUp: () => context.getRemainingTimeInMillis() < marginMs });
    const ages = await backlogAges(dependencies);
    dependencies.measure('swept', { ...swept }, { OldestUnsettledAge: ages.unsettled, OldestUndeliveredAge: ages.undelivered });
  } catch (error) {
    logError('sweep_failed', error);
    throw error;
  }
}
