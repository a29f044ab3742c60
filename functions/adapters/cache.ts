/** How many values one cache keeps; the oldest go first. */
const mostEntries = 10_000;

/**
 * Keeps what was loaded for some seconds. Only what exists is kept: what is missing may be created any moment, and a failed load is
 * not remembered.
 *
 * @param seconds 0 keeps nothing.
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
    // A batch that asks for the same thing ten times at once reads it once.
    const underWay = loading.get(key) ?? loadAndKeep(key).finally(() => loading.delete(key));
    loading.set(key, underWay);
    return underWay;
  };
}
