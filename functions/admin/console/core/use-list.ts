import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, changes, isAborted, type Query, queryText, toApiError } from './api.ts';
import { firstPage, furtherPages, rowsOf } from './pages.ts';
import { currentPlace, keepLoaded, loadedBefore } from './place.ts';
import { withTimes } from './ranges.ts';
import { useSession } from './session.tsx';

/** A list of the API, as far as it is loaded. It is kept in parts, so that adding a part leaves the others unchanged. */
export interface List<Item> {
  readonly pages: readonly (readonly Item[])[];
  readonly loading: boolean;
  readonly error: ApiError | undefined;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  /** Loads as many rows again as are loaded now; these stay until then. */
  readonly reload: () => void;
  /** Returns the current first rows without showing them. */
  readonly first: (signal: AbortSignal) => Promise<readonly Item[]>;
}

interface State<Item> {
  readonly address: string;
  readonly pages: readonly (readonly Item[])[];
  readonly next: string | null;
  readonly loading: boolean;
  readonly error?: ApiError;
  /** The number of changes that this tab had made when the list was loaded. */
  readonly changes?: number;
}

/** Rows per part: few enough to be drawn within a frame or two. */
const rowsPerPart = 50;

/**
 * @param name the list's name in the answer, such as `partners`.
 * @param least the number of rows to load at first, if there are so many.
 */
export function useList<Item, Name extends string = string>(path: string, name: Name, query: Query = {}, least = firstPage): List<Item> {
  const { api } = useSession();
  const filters = queryText(withTimes(query));
  const address = path + filters;
  const place = useRef(currentPlace()).current;
  const blank = (): State<Item> => ({ address, pages: [], next: null, loading: true });
  const [state, setState] = useState<State<Item>>(() => loadedBefore<State<Item>>(place, address) ?? blank());
  const running = useRef<AbortController | undefined>(undefined);

  const rows = useCallback(
    (cursor: string | undefined, wanted: number, signal: AbortSignal) =>
      rowsOf<Item, Name>({ api, path, name, parameters: Object.fromEntries(new URLSearchParams(filters)) }, cursor, wanted, signal),
    [api, path, name, filters],
  );
  /** Loads the rows that follow `before`, or as many rows as are `wanted`, and shows them only when all are loaded. */
  const load = useCallback(
    (cursor: string | undefined, before: State<Item>['pages'], wanted: number) => {
      running.current?.abort();
      const aborter = new AbortController();
      running.current = aborter;
      setState((current) => {
        const shown = current.address === address ? current : { pages: before, next: null };
        return { address, pages: shown.pages, next: shown.next, loading: true };
      });
      rows(cursor, wanted, aborter.signal).then(
        ({ items, next }) => {
          const loaded = { address, pages: [...before, ...inParts(items)], next, loading: false, changes: changes() };
          keepLoaded(place, address, loaded);
          setState(loaded);
        },
        (error: unknown) => {
          if (!isAborted(error)) setState((current) => ({ ...current, address, loading: false, error: toApiError(error) }));
        },
      );
    },
    [rows, address, place],
  );

  // What was left is shown as it was, unless a change in this tab may have affected it.
  useEffect(() => {
    const left = loadedBefore<State<Item>>(place, address);
    if (left === undefined) load(undefined, [], least);
    else if (left.changes !== changes()) load(undefined, [], countOf(left.pages));
    return () => running.current?.abort();
  }, [load, place, address, least]);

  const { pages, next } = state;
  const loadMore = useCallback(() => {
    if (next !== null) load(next, pages, furtherPages);
  }, [load, next, pages]);
  const reload = useCallback(() => load(undefined, [], Math.max(least, countOf(pages))), [load, pages, least]);
  const first = useCallback(async (signal: AbortSignal) => (await rows(undefined, 1, signal)).items, [rows]);
  const current = state.address === address;
  return {
    pages: current ? pages : [],
    loading: !current || state.loading,
    error: current ? state.error : undefined,
    hasMore: current && next !== null,
    loadMore,
    reload,
    first,
  };
}

function countOf(pages: readonly (readonly unknown[])[]): number {
  return pages.reduce((sum, page) => sum + page.length, 0);
}

function inParts<Item>(items: readonly Item[]): (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / rowsPerPart) }, (_, part) =>
    items.slice(part * rowsPerPart, (part + 1) * rowsPerPart),
  );
}
