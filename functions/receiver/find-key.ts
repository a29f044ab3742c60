import type { KeyReader } from '../adapters/dynamo/key-store.ts';
import { isLive, keyPattern, type PostbackKey } from '../domain/keys.ts';
import type { RateLimiter } from './rate-limiter.ts';

export type KeyFinder = (text: string, address: string, now: number) => Promise<PostbackKey | 'unknown' | 'too_many'>;

export interface KeyFinderPorts {
  readonly keys: Pick<KeyReader, 'find'>;
  readonly hashKey: (key: string) => string;
  /** Limits the tries with keys that do not exist. */
  readonly tries: RateLimiter;
  /** The network of an IP address, whose tries are counted together (contract 1.9: IPv6 by /64). */
  readonly networkOf: (address: string) => string;
}

/** The most keys of which this instance remembers that they were live. A key that it does not remember may be live too. */
const mostSeen = 10_000;

/**
 * Finds a live key. Whoever guesses keys is stopped before the store is asked (contract 1.9): a key that this instance has not seen yet
 * costs its sender a try, which is given back if the key exists.
 */
export function createKeyFinder({ keys, hashKey, tries, networkOf }: KeyFinderPorts): KeyFinder {
  const seen = new Set<string>();
  const underWay = new Map<string, ReturnType<KeyFinder>>();
  const ask = async (hash: string, now: number): Promise<PostbackKey | 'unknown'> => {
    const key = await keys.find(hash);
    return key !== undefined && isLive(key, now) ? key : 'unknown';
  };
  const guess = async (hash: string, network: string, now: number): ReturnType<KeyFinder> => {
    const found = await ask(hash, now).catch((error: unknown) => {
      // It is not the caller's fault that the store cannot answer.
      tries.giveBack(network);
      throw error;
    });
    if (found === 'unknown') return found;
    tries.giveBack(network);
    seen.add(hash);
    const [oldest] = seen;
    if (seen.size > mostSeen && oldest !== undefined) seen.delete(oldest);
    return found;
  };
  return async (text, address, now) => {
    const hash = keyPattern.test(text) ? hashKey(text) : undefined;
    if (hash !== undefined && seen.has(hash)) {
      const found = await ask(hash, now);
      if (found === 'unknown') seen.delete(hash);
      return found;
    }
    const network = networkOf(address);
    // Many simultaneous postbacks with a key that was just issued cause only one read; with a key that does not exist, each of them costs a
    // try.
    const asked = hash === undefined ? undefined : underWay.get(hash);
    if (asked !== undefined) {
      const found = await asked;
      return found === 'unknown' && !tries.take(network, now) ? 'too_many' : found;
    }
    if (!tries.take(network, now)) return 'too_many';
    if (hash === undefined) return 'unknown';
    const asking = guess(hash, network, now).finally(() => underWay.delete(hash));
    underWay.set(hash, asking);
    return asking;
  };
}
