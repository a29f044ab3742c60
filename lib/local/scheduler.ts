import { randomUUID } from 'node:crypto';
import type { LocalSchedule } from './deployment.ts';
import { localAccount } from './intrinsics.ts';
import type { Invocable } from './invocation.ts';

/** EventBridge's schedules: invokes functions at their rate. */
export class Scheduler {
  private readonly timers: NodeJS.Timeout[] = [];

  start(schedules: readonly LocalSchedule[], functions: ReadonlyMap<string, Invocable>, region: string): void {
    for (const { everyMilliseconds, functionName } of schedules) {
      const run = () => {
        // A run that fails is written in the function's log; the next one comes anyway.
        functions
          .get(functionName)
          ?.invoke(scheduledEvent(region))
          .catch(() => undefined);
      };
      this.timers.push(setInterval(run, everyMilliseconds));
      // Once right away, as what was stuck when the last run ended should not wait a minute.
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
