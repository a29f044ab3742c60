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
 * @param step of awaits of the same kind in a row, such as the queries of a sweeper, only every so manieth is interrupted, and the first.
 * @returns in how many gaps it was done.
 */
export async function interleave(prepare: () => Promise<Pair>, check?: () => Promise<void>, step = 1): Promise<number> {
  let gaps = 0;
  for (let number = 1; number < mostAwaits; ) {
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
    if (!reached) return gaps;
    gaps += 1;
    number = nextOf(instance.awaits, number, step);
  }
  throw new Error('there is no end to its awaits');
}

/** The next await of another kind than the one before it, but no further than the step. */
function nextOf(awaits: readonly string[], number: number, step: number): number {
  let next = number + 1;
  while (next < number + step && awaits[next - 1] === awaits[next - 2] && next <= awaits.length) next += 1;
  return next;
}
