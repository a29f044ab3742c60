import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the condition holds. @throws when it does not hold in time. */
export async function until(isSo: () => boolean | Promise<boolean>, withinMs: number, what: string, everyMs = 50): Promise<number> {
  const started = Date.now();
  while (!(await isSo())) {
    if (Date.now() - started > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(everyMs);
  }
  return Date.now() - started;
}
