import MiniSearch from 'minisearch';
import * as z from 'zod/mini';
import { element } from './element.ts';

const entries = z.array(z.object({ id: z.number(), url: z.string(), page: z.string(), heading: z.string(), text: z.string() }));
type Entry = z.output<typeof entries>[number];

const shownResults = 12;
const excerptLength = 160;

/** Searches all pages while the reader types. The index is fetched when the field is first used. */
export function startSearch(): void {
  const form = document.querySelector<HTMLFormElement>('#search');
  const input = document.querySelector<HTMLInputElement>('#query');
  const results = document.querySelector<HTMLElement>('#results');
  if (form === null || input === null || results === null) return;
  let index: Promise<Index> | undefined;
  const show = async () => {
    const query = input.value.trim();
    index ??= loadIndex();
    const found = query === '' ? [] : (await index).find(query);
    // The reader has typed more in the meantime.
    if (input.value.trim() !== query) return;
    results.hidden = query === '';
    results.replaceChildren(...(found.length === 0 ? [element('p', {}, [`Nothing found for “${query}”.`])] : [listOf(found, query)]));
  };
  input.addEventListener('input', () => void show());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    results.querySelector('a')?.click();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !results.hidden) {
      input.value = '';
      void show();
    }
    if (event.key === '/' && document.activeElement !== input) {
      event.preventDefault();
      input.focus();
    }
  });
}

interface Index {
  find(query: string): readonly Entry[];
}

async function loadIndex(): Promise<Index> {
  const all = entries.parse(await (await fetch('/docs/search.json')).json());
  const search = new MiniSearch<Entry>({
    fields: ['heading', 'page', 'text'],
    searchOptions: { boost: { heading: 4, page: 2 }, prefix: true, fuzzy: 0.15, combineWith: 'AND' },
  });
  search.addAll(all);
  const byId = new Map(all.map((entry) => [entry.id, entry]));
  return { find: (query) => search.search(query).flatMap(({ id }) => byId.get(Number(id)) ?? []) };
}

function listOf(found: readonly Entry[], query: string): HTMLElement {
  const items = found
    .slice(0, shownResults)
    .map(({ url, page, heading, text }) =>
      element('li', {}, [
        element('a', { href: url }, [heading === page ? page : `${page}: ${heading}`]),
        element('p', {}, [excerptOf(text, query)]),
      ]),
    );
  return element('ul', {}, items);
}

function excerptOf(text: string, query: string): string {
  const [word = ''] = query.toLowerCase().split(/\s+/);
  const start = Math.max(0, text.toLowerCase().indexOf(word) - excerptLength / 3);
  return `${start > 0 ? '…' : ''}${text.slice(start, start + excerptLength)}${start + excerptLength < text.length ? '…' : ''}`;
}
