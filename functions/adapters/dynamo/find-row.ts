import type { Row } from './listing.ts';
import type { ReadRow } from './row-reader.ts';

/**
 * The row under a key, which may be a moment old. The read that costs half may miss what was written a moment ago, so only one that is
 * consistent says that there is none (contract 1.4): a key, an offer or a click is good from the moment in which it was made.
 */
export async function findRow(readRow: ReadRow, table: string, key: Readonly<Record<string, string>>): Promise<Row | undefined> {
  return (await readRow(table, key)) ?? (await readRow(table, key, { consistent: true }));
}
