import type { Row } from './listing.ts';
import type { ReadRow } from './row-reader.ts';

/**
 * Finds the row with a key. The row may be a moment old. The cheap read may miss what was written a moment ago, so only a consistent read
 * decides that there is no row (contract 1.4): a key, an offer or a click is valid from the moment when it was created.
 */
export async function findRow(readRow: ReadRow, table: string, key: Readonly<Record<string, string>>): Promise<Row | undefined> {
  return (await readRow(table, key)) ?? (await readRow(table, key, { consistent: true }));
}
