import type { Api, Query } from './api.ts';

/** A page of a list of the API. */
export type ListAnswer<Name extends string, Item> = { readonly [Key in Name]: readonly Item[] } & { readonly next_cursor: string | null };

export const firstPage = 50;
/** The most that the API returns at once; whoever asks for more usually wants to go far. */
export const furtherPages = 200;

interface Source<Name extends string> {
  readonly api: Api;
  readonly path: string;
  readonly name: Name;
  readonly parameters: Query;
}

/** Loads page after page until there are at least as many rows as wanted, or no more. */
export async function rowsOf<Item, Name extends string>(
  { api, path, name, parameters }: Source<Name>,
  cursor: string | undefined,
  wanted: number,
  signal?: AbortSignal,
): Promise<{ readonly items: readonly Item[]; readonly next: string | null }> {
  const items: Item[] = [];
  let next = cursor ?? null;
  do {
    const limit = Math.min(furtherPages, Math.max(firstPage, wanted - items.length));
    const answer: ListAnswer<Name, Item> = await api.get(path, { ...parameters, limit: String(limit), cursor: next ?? undefined }, signal);
    items.push(...answer[name]);
    next = answer.next_cursor;
  } while (next !== null && items.length < wanted);
  return { items, next };
}
