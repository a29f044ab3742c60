import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<string>();

/** Runs the code that answers a request, so that every line it logs names that request. */
export function inRequest<Result>(id: string, run: () => Result): Result {
  return current.run(id, run);
}

/** The id of the request that is being answered; `undefined` while messages are processed. */
export function requestId(): string | undefined {
  return current.getStore();
}
