import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, isAborted, type Query, queryText, toApiError } from './api.ts';
import { currentPlace, keepLoaded, loadedBefore } from './place.ts';
import { useSession } from './session.tsx';

export interface Loaded<Value> {
  /** The answer that was loaded last; it stays while it is loaded again. */
  readonly value: Value | undefined;
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

interface State<Value> {
  readonly address: string;
  readonly value?: Value | undefined;
  readonly error?: ApiError;
  readonly loading: boolean;
}

/**
 * Loads one answer of the API, and again when its path changes. Whoever comes back to the page sees the previous answer until it is loaded
 * again.
 */
export function useLoad<Value>(path: string, query: Query = {}): Loaded<Value> {
  const { api } = useSession();
  const address = path + queryText(query);
  const place = useRef(currentPlace()).current;
  const [state, setState] = useState<State<Value>>(() => ({ address, value: loadedBefore<Value>(place, address), loading: true }));
  const [round, setRound] = useState(0);
  // A new round loads the same path again.
  useEffect(() => {
    const aborter = new AbortController();
    setState((before) => ({ ...(before.address === address && { value: before.value }), address, loading: true }));
    api.get<Value>(address, {}, aborter.signal).then(
      (value) => {
        keepLoaded(place, address, value);
        setState({ address, value, loading: false });
      },
      (error: unknown) => {
        if (!isAborted(error)) setState({ address, error: toApiError(error), loading: false });
      },
    );
    return () => aborter.abort();
  }, [api, address, round, place]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const current = state.address === address;
  return {
    value: current ? state.value : undefined,
    error: current ? state.error : undefined,
    loading: !current || state.loading,
    reload,
  };
}
