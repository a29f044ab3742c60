import type { Context, ScheduledEvent } from 'aws-lambda';
import { reconciliationGap } from '../domain/alerting/thresholds.ts';
import { logError, logWarning } from '../runtime/logger.ts';
import { backlogAges } from './backlog-ages.ts';
import { createSweeper } from './dependencies.ts';
import { scheduledTime } from './env.ts';
import { reconcileMinute } from './reconcile-minute.ts';
import { sweep } from './sweep.ts';
import { watchPartners } from './watch-partners.ts';

const dependencies = createSweeper();
const marginMs = 10_000;
/** What the reconciliation leaves of the time for looking at partners: in a busy minute it would take all. */
const watchMs = 5_000;

/**
 * Sweeps, then logs how old the oldest open work is; a minute without this line raises an alarm of its own. The rest of the time is used to
 * reconcile an earlier minute.
 */
export async function handler(event: ScheduledEvent, context: Context): Promise<void> {
  const leaves = (ms: number) => () => context.getRemainingTimeInMillis() < ms;
  const timeIsUp = leaves(marginMs);
  try {
    const swept = await sweep({ ...dependencies, timeIsUp });
    const ages = await backlogAges(dependencies);
    dependencies.measure('swept', { ...swept }, { OldestUnsettledAge: ages.unsettled, OldestUndeliveredAge: ages.undelivered });
  } catch (error) {
    logError('sweep_failed', error);
    throw error;
  }
  try {
    const reconciled = await reconcileMinute(
      { ...dependencies, timeIsUp: leaves(marginMs + watchMs) },
      scheduledTime(event) ?? dependencies.now(),
    );
    dependencies.measure('reconciled', { ...reconciled }, { ReconciliationGaps: reconciled.gaps });
    const gap = reconciliationGap(reconciled.gaps, reconciled.minute, reconciled.kinds ?? '');
    if (gap !== undefined) await dependencies.alerts.raise(gap);
  } catch (error) {
    logError('reconciliation_failed', error);
    throw error;
  }
  try {
    await watchPartners({ ...dependencies, timeIsUp }, scheduledTime(event) ?? dependencies.now());
  } catch (error) {
    // Nobody's points depend on alerts, and a later run looks again.
    logWarning('alert_not_raised', error);
  }
}
