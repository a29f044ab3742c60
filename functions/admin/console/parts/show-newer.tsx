import { useEffect, useState } from 'preact/hooks';
import type { List } from '../core/use-list.ts';

const everyMilliseconds = 30_000;

interface ShowNewerProps<Item> {
  readonly list: List<Item>;
  readonly keyOf: (item: Item) => string;
}

/**
 * Says how many rows have arrived since the list was loaded, and shows them when it is pressed. It always takes up its space, so that
 * nothing moves.
 */
export function ShowNewer<Item>({ list: { first, pages, loading, reload }, keyOf }: ShowNewerProps<Item>) {
  const [count, setCount] = useState(0);
  useEffect(() => {
    setCount(0);
    if (loading) return undefined;
    const aborter = new AbortController();
    const shown = new Set(pages.flat().map(keyOf));
    const look = async () => {
      const rows = await first(aborter.signal);
      // Rows after the last one that is shown may only have moved up.
      const last = rows.findLastIndex((row) => shown.has(keyOf(row)));
      setCount((last === -1 ? rows : rows.slice(0, last)).filter((row) => !shown.has(keyOf(row))).length);
    };
    const timer = setInterval(() => {
      // When there is no answer, the next attempt comes soon enough.
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
