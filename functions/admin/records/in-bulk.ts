import { inTurns } from '../../runtime/in-turns.ts';

/** The most items that one request may decide about; so many are done before the gateway gives up. */
export const mostInBulk = 500;
const mostAtOnce = 8;
/**
 * Milliseconds after which no further item is begun, since the gateway gives up after 29 s. The rest is reported as skipped, and a repeated
 * request matches it again.
 */
export const patienceMs = 20_000;

export interface BulkResult {
  readonly done: boolean;
  readonly code: string | null;
}

/** Does the same work for many items, several at the same time and each on its own: one that is refused does not stop the others. */
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
