import { useEffect, useState } from 'preact/hooks';
import type { List } from '../core/use-list.ts';

const everyMilliseconds = 30_000;

interface ShowNewerProps<Item> {
  readonly list: List<Item>;
  readonly keyOf: (item: Item) => string;
}

/** Says how many rows have come since the list was loaded, and shows them when it is pressed. Its place is kept, so nothing moves by itself. */
export function ShowNewer<Item>({ list: { first, pages, loading, reload }, keyOf }: ShowNewerProps<Item>) {
  const [count, setCount] = useState(0);
  useEffect(() => {
    setCount(0);
    if (loading) return undefined;
    const aborter = new AbortController();
    const shown = new Set(pages.flat().map(keyOf));
    const look = async () => {
      const rows = await first(aborter.signal);
      // What comes after the last row that is shown may only have moved up.
      const last = rows.findLastIndex((row) => shown.has(keyOf(row)));
      setCount((last === -1 ? rows : rows.slice(0, last)).filter((row) => !shown.has(keyOf(row))).length);
    };
    const timer = setInterval(() => {
      // Without an answer the next time is soon enough.
      if (document.visibilityState === 'visible') look().catch(() => undefined);
    }, everyMilliseconds);
    return () => {
      aborter.abort();
      clearInterval(timer);
    };
  }, [first, pages, loading, keyOf]);
  return (
    <button type="button" class={count === 0 ? 'newer none' : 'newer'} onClick={reload}>
      {count} new
    </button>
  );
}
