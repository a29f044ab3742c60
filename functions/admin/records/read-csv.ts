import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';
import { AdminError } from '../route.ts';

/** A data row of a file: its cells by column, without the empty ones; `undefined`: its number of cells differs from the header's. */
export type CsvRow = Readonly<Record<string, string>> | undefined;

const table = z.array(z.array(z.string()));

/**
 * Reads a CSV file with a header line (RFC 4180); a byte order mark and blank lines are skipped. Column names are converted to lower case.
 *
 * @throws AdminError `invalid_csv` when the text is not CSV.
 */
export function readCsv(text: string): CsvRow[] {
  const [header = [], ...rows] = parsed(text);
  const columns = header.map((name) => name.toLowerCase());
  if (columns.length === 0 || columns.includes('')) throw invalidCsv('its first line must name every column');
  if (new Set(columns).size < columns.length) throw invalidCsv('a column is named twice');
  return rows.map((cells) => (cells.length === columns.length ? rowOf(columns, cells) : undefined));
}

function rowOf(columns: readonly string[], cells: readonly string[]): CsvRow {
  return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']).filter(([, cell]) => cell !== ''));
}

function parsed(text: string): string[][] {
  try {
    return table.parse(parse(text, { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true }));
  } catch (error) {
    if (error instanceof CsvError) throw invalidCsv(`line ${error['lines'] ?? 1} cannot be read`);
    throw error;
  }
}

function invalidCsv(reason: string): AdminError {
  return new AdminError(400, 'invalid_csv', `body: ${reason}`);
}
