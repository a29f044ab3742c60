import { Instance } from './instance.ts';

/** More awaits than any use case has. */
const mostAwaits = 120;

/** Two things that happen at the same time: the second interrupts the first. */
export interface Pair {
  readonly first: (instance: Instance) => Promise<unknown>;
  readonly second: () => Promise<unknown>;
}

/**
 * Does one thing from beginning to end in every gap between two awaits of another, each time after a fresh start.
 *
 * @param check checks the result of each run.
 * @param step when many awaits of the same kind follow one another, such as the queries of a sweeper, only the first and every `step`-th
 * after it are interrupted.
 * @returns the number of gaps in which it was done.
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
    // The last gap is the one after the end.
    if (!reached) await second();
    await check?.();
    if (!reached) return gaps;
    gaps += 1;
    number = nextOf(instance.awaits, number, step);
  }
  throw new Error('there is no end to its awaits');
}

/** The next await of another kind than the one before it, or the one that is `step` further, whichever comes first. */
function nextOf(awaits: readonly string[], number: number, step: number): number {
  let next = number + 1;
  while (next < number + step && awaits[next - 1] === awaits[next - 2] && next <= awaits.length) next += 1;
  return next;
}
