import { type Api, type ApiError, path, toApiError } from './api.ts';
import type { Named, Names } from './names.ts';
import type { ListAnswer } from './pages.ts';
import { idsIn } from './quoted-ids.ts';
import type { Click, ConversionSummary, Delivery, LogSummary } from './types.ts';

/** Something that has exactly this id and a page of its own. */
interface Hit {
  readonly kind: Named | 'click' | 'conversion' | 'delivery' | 'received postback';
  readonly id: string;
  /** Parts of the URL of its page. */
  readonly page: readonly string[];
  readonly name?: string;
}

export interface Found {
  readonly ids: readonly string[];
  readonly hits: readonly Hit[];
  /** Conversions whose transaction or user has one of the ids. */
  readonly conversions: readonly ConversionSummary[];
  readonly logs: readonly LogSummary[];
}

/** An id that consists of a time and random bits: that of a received postback or a delivery. */
const timeOrdered = /^[0-9A-HJKMNP-TV-Z]{26}$/i;
const quotedBy = ['transaction_id', 'user_id'] as const;
/** The number of rows that each list shows; the newest are kept. */
const mostRows = '50';

/** Finds what the ids in a text belong to. @throws ApiError when the API cannot be reached; an id that nothing has gives no result. */
export async function find(api: Api, names: Names, text: string): Promise<Found> {
  const ids = idsIn(text);
  const answers = await Promise.all(ids.map((id) => findOne(api, names, id)));
  const unique = <Item>(items: readonly Item[], keyOf: (item: Item) => string) => [
    ...new Map(items.map((item) => [keyOf(item), item])).values(),
  ];
  return {
    ids,
    hits: unique(
      answers.flatMap(({ hits }) => hits),
      ({ kind, id }) => `${kind} ${id}`,
    ),
    conversions: unique(
      answers.flatMap(({ conversions }) => conversions),
      ({ conversion_id }) => conversion_id,
    ),
    logs: unique(
      answers.flatMap(({ logs }) => logs),
      ({ log_id }) => log_id,
    ),
  };
}

async function findOne(api: Api, names: Names, id: string): Promise<Omit<Found, 'ids'>> {
  const none = { hits: [], conversions: [], logs: [] };
  if (/^(?:PB-|CLK-.+\.|TEST-.+\.)/i.test(id)) return { ...none, hits: await conversionHit(api, id) };
  if (/^(?:CLK|TEST)-/i.test(id)) return { ...none, hits: await clickHit(api, id) };
  if (timeOrdered.test(id)) {
    const hits = (await Promise.all([logHit(api, id.toUpperCase()), deliveryHit(api, id.toUpperCase())])).flat();
    if (hits.length > 0) return { ...none, hits };
  }
  const [hits, conversions, logs] = await Promise.all([
    namedHits(names, id),
    quoted<ConversionSummary, 'conversions'>(api, '/conversions', 'conversions', id),
    quoted<LogSummary, 'logs'>(api, '/received-postbacks', 'logs', id),
  ]);
  return { hits, conversions, logs };
}

/** Rows whose transaction or user has this id. */
async function quoted<Item, Name extends string>(api: Api, at: string, name: Name, id: string): Promise<readonly Item[]> {
  const answers = await Promise.all(quotedBy.map((by) => api.get<ListAnswer<Name, Item>>(at, { [by]: id, limit: mostRows })));
  return answers.flatMap((answer) => answer[name]);
}

const namedKinds = [
  ['partner', 'partners'],
  ['publisher', 'publishers'],
  ['offer', 'offers'],
] as const;

/** Finds things by their id, or by a name that contains the text. */
async function namedHits(names: Names, text: string): Promise<readonly Hit[]> {
  const wanted = text.toLowerCase();
  const found = await Promise.all(
    namedKinds.map(async ([kind, page]) =>
      [...(await names.list(kind, true))]
        .filter(([id, name]) => id === text || (wanted.length > 2 && name.toLowerCase().includes(wanted)))
        .slice(0, 10)
        .map(([id, name]): Hit => ({ kind, id, name, page: [page, id] })),
    ),
  );
  return found.flat();
}

async function clickHit(api: Api, id: string): Promise<readonly Hit[]> {
  const hits = (click: string): readonly Hit[] => [{ kind: 'click', id: click, page: ['clicks', click] }];
  for (const spelling of new Set([id, id.toUpperCase()])) {
    const known = await orNothing(api.get<{ click: Click }>(path`/clicks/${spelling}`));
    if (known !== undefined) return hits(known.click.click_id);
  }
  // A postback may name a click that does not exist; the page of the click says so.
  const { logs } = await api.get<{ logs: readonly LogSummary[] }>('/received-postbacks', { click_id: id, limit: '1' });
  return logs.length === 0 ? [] : hits(id);
}

async function conversionHit(api: Api, id: string): Promise<readonly Hit[]> {
  const known = await orNothing(api.get(path`/conversions/${id}`));
  return known === undefined ? [] : [{ kind: 'conversion', id, page: ['conversions', id] }];
}

async function logHit(api: Api, id: string): Promise<readonly Hit[]> {
  const known = await orNothing(api.get(path`/received-postbacks/${id}`));
  return known === undefined ? [] : [{ kind: 'received postback', id, page: ['received', id] }];
}

async function deliveryHit(api: Api, id: string): Promise<readonly Hit[]> {
  const known = await orNothing(api.get<{ delivery: Delivery }>(path`/forwarded-postbacks/${id}`));
  return known === undefined ? [] : [{ kind: 'delivery', id, page: ['deliveries', id] }];
}

/** The answer, or `undefined` when there is no such thing. @throws ApiError for every other error. */
export async function orNothing<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    const failure: ApiError = toApiError(error);
    if (failure.status === 404 || failure.status === 400) return undefined;
    throw failure;
  }
}
