import type { Plan } from './workload.ts';

/** How long a story is shortened, by a clock that no simulation moves. */
const longestSeconds = 120;

/** Leaves out of a plan everything without which it still fails: halves, quarters and so on, down to single actions. */
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
