import { type ReconcileOptions, type Records, reconcile } from '../reconcile.ts';
import type { Gap } from './gap.ts';

/**
 * Reads the records and compares them. Rows are read one after another while the system works on them, so anything found is read a second
 * time: only what is there both times is a gap.
 */
export async function findGaps(
  read: () => Promise<Records>,
  options: ReconcileOptions,
): Promise<{ readonly records: Records; readonly gaps: readonly Gap[] }> {
  const records = await read();
  const gaps = reconcile(records, options);
  if (gaps.length === 0) return { records, gaps };
  const again = new Set(reconcile(await read(), options).map(nameOf));
  return { records, gaps: gaps.filter((gap) => again.has(nameOf(gap))) };
}

function nameOf({ kind, about }: Gap): string {
  return `${kind} ${about}`;
}
