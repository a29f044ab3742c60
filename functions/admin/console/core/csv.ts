import type { Api, Query } from './api.ts';

/** The most that the API answers at once. */
const rowsPerPage = 200;
/** More than that belongs into a program, not into a tab. */
export const mostRows = 100_000;

interface Walk {
  readonly api: Api;
  readonly path: string;
  readonly query: Query;
  /** It comes page by page. */
  readonly paged: boolean;
  readonly signal: AbortSignal;
  /** Told after each page how many rows there are at most by now. */
  readonly onProgress: (rows: number) => void;
}

export interface WholeList {
  readonly text: string;
  /** There was more than {@link mostRows}. */
  readonly cut: boolean;
}

/** A whole list as CSV: its pages one after the other, under the first one's header. */
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

/** Names of columns hold no line ends, so the first line is the header. */
export function withoutHeader(csv: string): string {
  const end = csv.indexOf('\r\n');
  return end < 0 ? '' : csv.slice(end + 2);
}
