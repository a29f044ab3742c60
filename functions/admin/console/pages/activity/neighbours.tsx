import { useEffect, useMemo } from 'preact/hooks';
import { type Query, queryText } from '../../core/api.ts';
import { rowsOf } from '../../core/pages.ts';
import { withTimes } from '../../core/ranges.ts';
import { navigate, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { ConversionSummary } from '../../core/types.ts';
import { useAnswer } from '../../core/use-answer.ts';

/** Rows of a list that are looked through for the one that is open. */
const mostLooked = 1_000;

export interface Neighbours {
  /** Addresses of the pages before and after this one in the list that it was opened from. */
  readonly previous: string | undefined;
  readonly next: string | undefined;
  /** `3 of 30`. */
  readonly place: string | undefined;
}

/** The list as it was when this page was opened: deciding about what is open moves nothing. */
export function useNeighbours(id: string, query: Query): Neighbours {
  const { api } = useSession();
  const filters = queryText(query);
  const { value } = useAnswer(
    useMemo(
      () => async () => {
        if (filters === '') return undefined;
        const { items, next } = await rowsOf<ConversionSummary, 'conversions'>(
          { api, path: '/conversions', name: 'conversions', parameters: withTimes(query) },
          undefined,
          mostLooked,
        );
        const at = items.findIndex(({ conversion_id }) => conversion_id === id);
        const address = (index: number) => {
          const found = items[index];
          return found === undefined ? undefined : to(['conversions', found.conversion_id], query);
        };
        if (at < 0) return undefined;
        return { previous: address(at - 1), next: address(at + 1), place: `${at + 1} of ${items.length}${next === null ? '' : '+'}` };
      },
      [api, id, filters],
    ),
  );
  const { previous, next, place } = value ?? {};
  return { previous, next, place };
}

/** The way through a queue, one after the other: by buttons, or with `j` and `k`. */
export function Walk({ previous, next, place }: Neighbours) {
  useEffect(() => {
    const listen = ({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent) => {
      const typing = target instanceof HTMLElement && target.closest('input, textarea, select, dialog') !== null;
      if (typing || ctrlKey || metaKey || altKey) return;
      const wanted = key === 'j' ? next : key === 'k' ? previous : undefined;
      if (wanted !== undefined) navigate(wanted);
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [previous, next]);
  if (place === undefined) return null;
  return (
    <nav class="walk" aria-label="In this list">
      <span class="muted">{place}</span>
      {previous && (
        <a class="button" href={previous} aria-keyshortcuts="k">
          Previous
        </a>
      )}
      {next && (
        <a class="button" href={next} aria-keyshortcuts="j">
          Next
        </a>
      )}
    </nav>
  );
}
