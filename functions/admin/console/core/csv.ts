import type { Api, Query } from './api.ts';

/** The most rows that the API returns at once. */
const rowsPerPage = 200;
/** The most rows of a download: for more, a program is the right tool, not a browser tab. */
export const mostRows = 100_000;

interface Walk {
  readonly api: Api;
  readonly path: string;
  readonly query: Query;
  /** Whether the list comes page by page. */
  readonly paged: boolean;
  readonly signal: AbortSignal;
  /** Called after each page with the most rows that there can be by now. */
  readonly onProgress: (rows: number) => void;
}

export interface WholeList {
  readonly text: string;
  /** The list had more rows than {@link mostRows}, so the text does not contain all of it. */
  readonly cut: boolean;
}

/** A whole list as CSV: all pages, under the header of the first one. */
export async function wholeCsv({ api, path, query, paged, signal, onProgress }: Walk): Promise<WholeList> {
  const parts: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.getCsv(path, { ...query, ...(paged && { limit: String(rowsPerPage), cursor }) }, signal);
    parts.push(parts.length === 0 ? page.text : withoutHeader(page.text));
    onProgress(parts.length * rowsPerPage);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && parts.length * rowsPerPage < mostRows);
  return { text: parts.join(''), cut: cursor !== undefined };
}

/** The CSV without its first line, which is the header, since column names contain no line breaks. */
export function withoutHeader(csv: string): string {
  const end = csv.indexOf('\r\n');
  return end < 0 ? '' : csv.slice(end + 2);
}
