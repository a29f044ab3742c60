import { inTurns } from '../../runtime/in-turns.ts';

/** Things that one request decides about: they are done before the gateway gives up. */
export const mostInBulk = 500;
const mostAtOnce = 8;
/** The gateway gives up after 29 s: what is not done by then is reported as skipped, and is matched again. */
export const patienceMs = 20_000;

export interface BulkResult {
  readonly done: boolean;
  readonly code: string | null;
}

/** Does the same to many, some at a time, each on its own: one that is refused does not stop the others. */
export async function inBulk(
  ids: Iterable<string>,
  work: (id: string) => Promise<BulkResult>,
  now: () => number = Date.now,
): Promise<(BulkResult & { readonly id: string })[]> {
  const until = now() + patienceMs;
  return inTurns(
    [...new Set(ids)],
    async (id) => ({ id, ...(now() > until ? { done: false, code: 'out_of_time' } : await work(id)) }),
    mostAtOnce,
  );
}
