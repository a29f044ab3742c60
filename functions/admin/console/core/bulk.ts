import { type Api, path, type Query, toApiError } from './api.ts';
import { withTimes } from './ranges.ts';

/** What a person has selected in a list: some rows, or everything that matches the filters, whether it is shown or not. */
export interface Selection {
  readonly all: boolean;
  readonly ids: ReadonlySet<string>;
}

/** The result of one decision about many items. */
export interface BulkOutcome {
  readonly matched: number;
  readonly done: number;
  /** The reasons of items that were not changed, and of those that ended as held. */
  readonly codes: readonly string[];
  /** More items match than one request handles: the others remain to be done. */
  readonly more: boolean;
}

/** The most items that one request to the API decides about. */
const mostAtOnce = 500;

interface Chosen {
  readonly api: Api;
  readonly selection: Selection;
  /** Filters of the list, used when everything that matches is selected. */
  readonly query: Query;
}

interface Result {
  readonly done: boolean;
  readonly code: string | null;
}

interface Answer {
  readonly matched: number;
  readonly results: readonly Result[];
}

/** Changes the status of what is selected. Items that are done no longer match, so the same filter finds the rest. */
export async function decide({ api, selection, query }: Chosen, dryRun: boolean, body: object): Promise<BulkOutcome> {
  const send = (which: object): Promise<Answer> => api.post('/conversions/status', { ...body, ...which, dry_run: dryRun });
  const rounds: Answer[] = [];
  if (selection.all) {
    do rounds.push(await send({ filter: withTimes(query) }));
    while (!dryRun && rounds.at(-1)?.matched === mostAtOnce && rounds.at(-1)?.results.some(({ done }) => done));
  } else {
    const ids = [...selection.ids];
    for (let start = 0; start < ids.length; start += mostAtOnce) rounds.push(await send({ ids: ids.slice(start, start + mostAtOnce) }));
  }
  return outcomeOf(
    rounds.flatMap(({ results }) => results),
    selection.all && rounds.at(-1)?.matched === mostAtOnce,
  );
}

export async function reprocess({ api, selection, query }: Chosen, dryRun: boolean): Promise<BulkOutcome> {
  if (!selection.all) {
    return oneByOne(
      selection,
      dryRun,
      async (id) => (await api.post<{ code: string | null }>(path`/received-postbacks/${id}/reprocess`)).code,
    );
  }
  const { matched, results } = await api.post<Answer>('/received-postbacks/reprocess', { ...withTimes(query), dry_run: dryRun });
  return outcomeOf(results, matched === mostAtOnce);
}

interface Resent {
  readonly count: number;
  readonly resent: number;
  readonly next_cursor: string | null;
}

export async function resend({ api, selection, query }: Chosen, dryRun: boolean): Promise<BulkOutcome> {
  if (!selection.all) {
    return oneByOne(selection, dryRun, async (id) => {
      await api.post(path`/forwarded-postbacks/${id}/resend`);
      return null;
    });
  }
  let [matched, done] = [0, 0];
  let cursor: string | null = null;
  do {
    const page: Resent = await api.post('/forwarded-postbacks/resend', {
      ...withTimes(query),
      dry_run: dryRun,
      ...(cursor !== null && { cursor }),
    });
    matched += page.count;
    done += page.resent;
    cursor = page.next_cursor;
  } while (cursor !== null);
  return { matched, done, codes: [], more: false };
}

async function oneByOne({ ids }: Selection, dryRun: boolean, work: (id: string) => Promise<string | null>): Promise<BulkOutcome> {
  const results: Result[] = [];
  for (const id of ids) {
    if (dryRun) results.push({ done: false, code: null });
    else
      results.push(
        await work(id).then(
          (code) => ({ done: true, code }),
          (error) => ({ done: false, code: toApiError(error).code }),
        ),
      );
  }
  return outcomeOf(results, false);
}

function outcomeOf(results: readonly Result[], more: boolean): BulkOutcome {
  return {
    matched: results.length,
    done: results.filter(({ done }) => done).length,
    codes: results.flatMap(({ code }) => (code === null ? [] : [code])),
    more,
  };
}
