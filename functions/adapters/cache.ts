/** The most values that one cache keeps; the oldest are dropped first. */
const mostEntries = 10_000;

/**
 * Keeps loaded values for some seconds. It keeps only values that exist: a missing one may be created at any moment, and a failed load is
 * not remembered.
 *
 * @param seconds with 0 nothing is kept.
 */
export function createCache<Key extends string, Value>(
  seconds: number,
  load: (key: Key) => Promise<Value | undefined>,
): (key: Key) => Promise<Value | undefined> {
  if (seconds === 0) return load;
  const kept = new Map<Key, { value: Value; until: number }>();
  const loading = new Map<Key, Promise<Value | undefined>>();
  const loadAndKeep = async (key: Key): Promise<Value | undefined> => {
    const value = await load(key);
    if (value !== undefined) {
      kept.set(key, { value, until: Date.now() + seconds * 1_000 });
      const [oldest] = kept.keys();
      if (kept.size > mostEntries && oldest !== undefined) kept.delete(oldest);
    }
    return value;
  };
  return async (key) => {
    const found = kept.get(key);
    if (found !== undefined && found.until > Date.now()) return found.value;
    kept.delete(key);
    // When a batch asks for the same value ten times at once, it is read once.
    const underWay = loading.get(key) ?? loadAndKeep(key).finally(() => loading.delete(key));
    loading.set(key, underWay);
    return underWay;
  };
}
