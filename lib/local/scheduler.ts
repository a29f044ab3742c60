import { randomUUID } from 'node:crypto';
import type { LocalSchedule } from './deployment.ts';
import { localAccount } from './intrinsics.ts';
import type { Invocable } from './invocation.ts';

/** Invokes functions at their rates, as EventBridge's schedules do. */
export class Scheduler {
  private readonly timers: NodeJS.Timeout[] = [];

  start(schedules: readonly LocalSchedule[], functions: ReadonlyMap<string, Invocable>, region: string): void {
    for (const { everyMilliseconds, functionName } of schedules) {
      const run = () => {
        // The function logs a run that fails, and the next run comes anyway.
        functions
          .get(functionName)
          ?.invoke(scheduledEvent(region))
          .catch(() => undefined);
      };
      this.timers.push(setInterval(run, everyMilliseconds));
      // Runs once at once: what was stuck when the last run ended should not wait a minute.
      run();
    }
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
  }
}

function scheduledEvent(region: string): object {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: localAccount,
    time: new Date().toISOString(),
    region,
    resources: [],
    detail: {},
  };
}
