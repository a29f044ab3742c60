import type { Plan } from './workload.ts';

/** For so long a story is made shorter; by a clock that no simulation moves. */
const longestSeconds = 120;

/** Leaves out of a plan what it fails without: halves, quarters, and so on, down to single things that are done. */
export async function shortest(plan: Plan, fails: (shorter: Plan) => Promise<boolean>): Promise<Plan> {
  let best = plan;
  const began = process.hrtime()[0];
  for (let size = Math.ceil(plan.actions.length / 2); ; size = Math.ceil(size / 2)) {
    for (let from = 0; from < best.actions.length; ) {
      if (process.hrtime()[0] - began > longestSeconds) return best;
      const shorter = { ...best, actions: best.actions.toSpliced(from, size) };
      if (await fails(shorter)) best = shorter;
      else from += size;
    }
    if (size === 1) return best;
  }
}
