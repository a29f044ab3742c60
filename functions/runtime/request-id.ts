import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<string>();

/** Runs what answers a request, so that each line that is logged meanwhile names it. */
export function inRequest<Result>(id: string, run: () => Result): Result {
  return current.run(id, run);
}

/** The request that is being answered; `undefined` where messages are worked off. */
export function requestId(): string | undefined {
  return current.getStore();
}
