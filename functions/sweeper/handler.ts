import type { Context, ScheduledEvent } from 'aws-lambda';
import { logError, logInfo } from '../runtime/logger.ts';
import { createSweeper } from './dependencies.ts';
import { sweep } from './sweep.ts';

const dependencies = createSweeper();
const marginMs = 10_000;

export async function handler(_event: ScheduledEvent, context: Context): Promise<void> {
  try {
    const swept = await sweep({ ...dependencies, timeIsUp: () => context.getRemainingTimeInMillis() < marginMs });
    if (swept.conversions + swept.deliveries + swept.released > 0) logInfo('swept', { ...swept });
  } catch (error) {
    logError('sweep_failed', error);
    throw error;
  }
}
