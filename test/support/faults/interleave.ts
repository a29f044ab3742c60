import { Instance } from './instance.ts';

/** More awaits than a use case has. */
const mostAwaits = 120;

/** Two things that happen at the same time: the first is interrupted by the second. */
export interface Pair {
  readonly first: (instance: Instance) => Promise<unknown>;
  readonly second: () => Promise<unknown>;
}

/**
 * Does one thing from beginning to end in every gap between two awaits of another, each time from a fresh start.
 *
 * @param check looks at what came of each.
 * @returns how many gaps there were.
 */
export async function interleave(prepare: () => Promise<Pair>, check?: () => Promise<void>): Promise<number> {
  for (let number = 1; number < mostAwaits; number += 1) {
    const { first, second } = await prepare();
    let reached = false;
    const instance = new Instance(async (call, perform) => {
      if (call.number === number) {
        reached = true;
        await second();
      }
      return perform();
    });
    await first(instance);
    // The last gap is the one after its end.
    if (!reached) await second();
    await check?.();
    if (!reached) return number - 1;
  }
  throw new Error('there is no end to its awaits');
}
