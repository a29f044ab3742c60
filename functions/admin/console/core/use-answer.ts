import { useCallback, useEffect, useState } from 'preact/hooks';
import { type ApiError, toApiError } from './api.ts';

export interface Asked<Value> {
  readonly value: Value | undefined;
  readonly error: ApiError | undefined;
  readonly reload: () => void;
}

/** The result of several requests together. @param ask must stay the same function while the question is the same. */
export function useAnswer<Value>(ask: () => Promise<Value>): Asked<Value> {
  const [state, setState] = useState<{ ask: () => Promise<Value>; value?: Value; error?: ApiError }>({ ask });
  const [round, setRound] = useState(0);
  // A new round asks the same question again.
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
