import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, isAborted, type Query, queryText, toApiError } from './api.ts';
import { useSession } from './session.tsx';

/** A list of the API as far as it has been loaded: part by part, so that adding one leaves the others alone. */
export interface List<Item> {
  readonly pages: readonly (readonly Item[])[];
  readonly loading: boolean;
  readonly error: ApiError | undefined;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly reload: () => void;
}

type Answer<Name extends string, Item> = { readonly [Key in Name]: readonly Item[] } & { readonly next_cursor: string | null };

interface State<Item> {
  readonly address: string;
  readonly pages: readonly (readonly Item[])[];
  readonly next: string | null;
  readonly loading: boolean;
  readonly error?: ApiError;
}

const firstPage = '50';
/** Whoever asks for more wants to go far. */
const furtherPages = '200';
/** Few enough to be drawn within a frame or two. */
const rowsPerPart = 50;

/** @param name the list's name in the answer, such as `partners`. */
export function useList<Item, Name extends string = string>(path: string, name: Name, query: Query = {}): List<Item> {
  const { api } = useSession();
  const filters = queryText(query);
  const address = path + filters;
  const [state, setState] = useState<State<Item>>({ address, pages: [], next: null, loading: true });
  const [round, setRound] = useState(0);
  const running = useRef<AbortController | undefined>(undefined);

  const load = useCallback(
    (cursor: string | undefined, before: readonly (readonly Item[])[]) => {
      running.current?.abort();
      const aborter = new AbortController();
      running.current = aborter;
      setState((current) => ({ address, pages: before, next: cursor === undefined ? null : current.next, loading: true }));
      const parameters = Object.fromEntries(new URLSearchParams(filters));
      const limit = cursor === undefined ? firstPage : furtherPages;
      api.get<Answer<Name, Item>>(path, { ...parameters, limit, cursor }, aborter.signal).then(
        (answer) => setState({ address, pages: [...before, ...inParts(answer[name])], next: answer.next_cursor, loading: false }),
        (error: unknown) => {
          if (!isAborted(error)) setState({ address, pages: before, next: cursor ?? null, loading: false, error: toApiError(error) });
        },
      );
    },
    [api, path, name, filters, address],
  );

  // Another round loads the same list from its beginning.
  useEffect(() => {
    load(undefined, []);
    return () => running.current?.abort();
  }, [load, round]);

  const { pages, next } = state;
  const loadMore = useCallback(() => {
    if (next !== null) load(next, pages);
  }, [load, next, pages]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const current = state.address === address;
  return {
    pages: current ? pages : [],
    loading: !current || state.loading,
    error: current ? state.error : undefined,
    hasMore: current && next !== null,
    loadMore,
    reload,
  };
}

function inParts<Item>(items: readonly Item[]): (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / rowsPerPart) }, (_, part) =>
    items.slice(part * rowsPerPart, (part + 1) * rowsPerPart),
  );
}
