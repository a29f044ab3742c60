import { useCallback, useState } from 'preact/hooks';
import { type ApiError, toApiError } from './api.ts';

export interface Action<Input extends readonly unknown[]> {
  readonly run: (...input: Input) => Promise<void>;
  readonly running: boolean;
  readonly error: ApiError | undefined;
}

/** An action that a person starts. It runs only once at a time, and its error is kept so that it can be shown. */
export function useAction<Input extends readonly unknown[]>(act: (...input: Input) => Promise<void>): Action<Input> {
  const [state, setState] = useState<{ running: boolean; error?: ApiError }>({ running: false });
  const run = useCallback(
    async (...input: Input) => {
      setState({ running: true });
      try {
        await act(...input);
        setState({ running: false });
      } catch (error) {
        setState({ running: false, error: toApiError(error) });
      }
    },
    [act],
  );
  return { run, running: state.running, error: state.error };
}
