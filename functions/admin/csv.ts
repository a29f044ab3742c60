import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import type { Answer } from '../runtime/http.ts';

/** A page of a list as CSV (contract section 4); where it goes on is said in `x-next-cursor` and `Link`. */
export function csvAnswer(list: string, schema: z.ZodType | undefined, body: unknown, event: APIGatewayProxyEventV2): Answer {
  const page = z.object({ [list]: z.array(record), next_cursor: z.string().nullable() }).parse(body);
  const rows = z.array(record).parse(page[list]);
  const next = page['next_cursor'];
  return {
    statusCode: 200,
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${list}.csv"`,
      'cache-control': 'no-store',
      ...(typeof next === 'string' ? { 'x-next-cursor': next, link: `<${nextAddress(event, next)}>; rel="next"` } : {}),
    },
    body: toCsv(columnsOf(schema, list), rows),
  };
}

const record = z.record(z.string(), z.unknown());

/** Columns by the schema of the list's items, so that they are the same on every page: nested objects become `outer.inner`. */
function columnsOf(schema: z.ZodType | undefined, list: string): string[] {
  const items = schema instanceof z.ZodObject ? schema.shape[list] : undefined;
  return items instanceof z.ZodArray ? namesOf(items.element, '') : [];
}

function namesOf(schema: unknown, prefix: string): string[] {
  const inner = schema instanceof z.ZodNullable || schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  if (!(inner instanceof z.ZodObject)) return prefix === '' ? [] : [prefix];
  return Object.entries(inner.shape).flatMap(([name, member]) => namesOf(member, prefix === '' ? name : `${prefix}.${name}`));
}

/** RFC 4180: lines end in CRLF, cells with commas, quotes or line ends are quoted. */
export function toCsv(columns: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): string {
  const lines = [columns.map(quoted), ...rows.map((row) => columns.map((column) => quoted(cellOf(valueAt(row, column)))))];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

function valueAt(row: Readonly<Record<string, unknown>>, column: string): unknown {
  return column.split('.').reduce<unknown>((value, name) => record.safeParse(value).data?.[name], row);
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return harmless(value);
  return typeof value === 'object' ? harmless(JSON.stringify(value)) : String(value);
}

/** A spreadsheet would run a text that begins like a formula; an apostrophe makes it a text. A negative number stays one. */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !/^-?\d+(?:\.\d+)?$/.test(text) ? `'${text}` : text;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function nextAddress({ rawPath, rawQueryString }: APIGatewayProxyEventV2, cursor: string): string {
  const query = new URLSearchParams(rawQueryString);
  query.set('cursor', cursor);
  return `${encodeURI(rawPath)}?${query}`;
}
