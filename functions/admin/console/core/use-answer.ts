import { useCallback, useEffect, useState } from 'preact/hooks';
import { type ApiError, toApiError } from './api.ts';

export interface Asked<Value> {
  readonly value: Value | undefined;
  readonly error: ApiError | undefined;
  readonly reload: () => void;
}

/** What several requests come to together. @param ask the same function as long as it asks the same. */
export function useAnswer<Value>(ask: () => Promise<Value>): Asked<Value> {
  const [state, setState] = useState<{ ask: () => Promise<Value>; value?: Value; error?: ApiError }>({ ask });
  const [round, setRound] = useState(0);
  // Another round asks the same again.
  useEffect(() => {
    let wanted = true;
    ask().then(
      (value) => wanted && setState({ ask, value }),
      (error: unknown) => wanted && setState({ ask, error: toApiError(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [ask, round]);
  const current = state.ask === ask;
  return {
    value: current ? state.value : undefined,
    error: current ? state.error : undefined,
    reload: useCallback(() => setRound((before) => before + 1), []),
  };
}
