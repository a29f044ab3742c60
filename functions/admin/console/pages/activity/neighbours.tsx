import { useCallback, useMemo } from 'preact/hooks';
import { type Query, queryText } from '../../core/api.ts';
import { rowsOf } from '../../core/pages.ts';
import { withTimes } from '../../core/ranges.ts';
import { navigate, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { ConversionSummary } from '../../core/types.ts';
import { useAnswer } from '../../core/use-answer.ts';
import { useKeys } from '../../core/use-keys.ts';

/** Rows of a list that are searched for the open one. */
const mostLooked = 1_000;

export interface Neighbours {
  /** URLs of the pages before and after this one in the list from which it was opened. */
  readonly previous: string | undefined;
  readonly next: string | undefined;
  /** `3 of 30`. */
  readonly place: string | undefined;
}

/** Uses the list as it was when the page was opened, so that a decision about the open item moves nothing. */
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

/** Leads through a list item by item, with buttons or with `j` and `k`. */
export function Walk({ previous, next, place }: Neighbours) {
  useKeys(
    useCallback(
      ({ key }) => {
        const wanted = key === 'j' ? next : key === 'k' ? previous : undefined;
        if (wanted !== undefined) navigate(wanted);
      },
      [previous, next],
    ),
  );
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
