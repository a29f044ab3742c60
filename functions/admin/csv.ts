import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import { isKeyShaped } from '../domain/redact.ts';
import { type Answer, text } from '../runtime/http.ts';
import type { Table } from './route.ts';

/** A page of a list as CSV (contract section 4). The headers `x-next-cursor` and `Link` lead to the next page. */
export function csvAnswer(list: string, schema: z.ZodType | undefined, body: unknown, event: APIGatewayProxyEventV2): Answer {
  const page = z.object({ [list]: z.array(record), next_cursor: z.string().nullable() }).parse(body);
  const rows = z.array(record).parse(page[list]);
  const next = page['next_cursor'];
  const link = typeof next === 'string' ? nextAddress(event, next) : undefined;
  return text(200, toCsv(columnsOf(schema, list), rows), {
    ...csvHeaders(list),
    ...(typeof next === 'string' ? { 'x-next-cursor': next } : {}),
    ...(link === undefined ? {} : { link: `<${link}>; rel="next"` }),
  });
}

/** A table that is not a page of a list, as CSV. */
export function tableAnswer({ name, columns, rows }: Table): Answer {
  return text(200, toCsv(columns, rows), csvHeaders(name));
}

/** The columns for a {@link Table} that follow from the members of its rows. The members of one nested object are kept together. */
export function columnsIn(rows: readonly Readonly<Record<string, unknown>>[]): string[] {
  const names = new Map<string, Set<string>>();
  for (const [name, member] of rows.flatMap((row) => Object.entries(row))) {
    const inner = names.get(name) ?? new Set();
    names.set(name, inner);
    for (const innerName of Object.keys(record.safeParse(member).data ?? {})) inner.add(`${name}.${innerName}`);
    if (!record.safeParse(member).success) inner.add(name);
  }
  return [...names.values()].flatMap((inner) => [...inner]);
}

function csvHeaders(name: string): Record<string, string> {
  return { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="${name}.csv"` };
}

const record = z.record(z.string(), z.unknown());

/**
 * Columns that follow from the schema of the list's items, so that they are the same on every page: nested objects become `outer.inner`.
 */
function columnsOf(schema: z.ZodType | undefined, list: string): string[] {
  const items = schema instanceof z.ZodObject ? schema.shape[list] : undefined;
  return items instanceof z.ZodArray ? namesOf(items.element, '') : [];
}

function namesOf(schema: unknown, prefix: string): string[] {
  const inner = schema instanceof z.ZodNullable || schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  if (!(inner instanceof z.ZodObject)) return prefix === '' ? [] : [prefix];
  return Object.entries(inner.shape).flatMap(([name, member]) => namesOf(member, prefix === '' ? name : `${prefix}.${name}`));
}

/** RFC 4180: lines end in CRLF. Every text is quoted, since programs differ in what they take for the end of a cell. */
export function toCsv(columns: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): string {
  const lines = [columns.map(quoted), ...rows.map((row) => columns.map((column) => cellOf(valueAt(row, column))))];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

function valueAt(row: Readonly<Record<string, unknown>>, column: string): unknown {
  return column.split('.').reduce<unknown>((value, name) => record.safeParse(value).data?.[name], row);
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return quoted(harmless(value));
  return typeof value === 'object' ? quoted(harmless(JSON.stringify(value))) : String(value);
}

/** Characters that a spreadsheet ignores at the beginning of a cell. */
const passedOver = /^[\p{C}\p{Z}]+/u;

/**
 * A spreadsheet would run a text that begins like a formula, even after blanks or line ends, and some read full-width signs like the usual
 * ones. A leading apostrophe makes it text. A negative number stays a number.
 */
function harmless(cell: string): string {
  const begins = cell.slice(0, 200).normalize('NFKC').replace(passedOver, '');
  const runs = /^[=+\-@\u2212]/.test(begins) || /^[\t\r\n]/.test(cell);
  return runs && !/^-?\d+(?:\.\d+)?$/.test(cell) ? `'${cell}` : cell;
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

/** URL of the next page; `undefined` where it would show a key by which the list is filtered (contract 1.3): the cursor is enough then. */
function nextAddress({ rawPath, rawQueryString }: APIGatewayProxyEventV2, cursor: string): string | undefined {
  const query = new URLSearchParams(rawQueryString);
  if (query.has('unique_key') || [...query].flat().some(isKeyShaped)) return undefined;
  query.set('cursor', cursor);
  return `${encodeURI(rawPath)}?${query}`;
}
