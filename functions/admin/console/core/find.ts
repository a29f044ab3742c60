import { type Api, type ApiError, path, toApiError } from './api.ts';
import type { Named, Names } from './names.ts';
import type { ListAnswer } from './pages.ts';
import { idsIn } from './quoted-ids.ts';
import type { Click, ConversionSummary, Delivery, LogSummary } from './types.ts';

/** What has exactly this id: each has a page of its own. */
interface Hit {
  readonly kind: Named | 'click' | 'conversion' | 'delivery' | 'received postback';
  readonly id: string;
  /** Parts of its page's address. */
  readonly page: readonly string[];
  readonly name?: string;
}

export interface Found {
  readonly ids: readonly string[];
  readonly hits: readonly Hit[];
  /** Of a transaction or a user with such an id. */
  readonly conversions: readonly ConversionSummary[];
  readonly logs: readonly LogSummary[];
}

/** An id that is all time and chance: of a received postback or a delivery. */
const timeOrdered = /^[0-9A-HJKMNP-TV-Z]{26}$/i;
const quotedBy = ['transaction_id', 'user_id'] as const;
/** Rows of each list: the newest. */
const mostRows = '50';

/** @throws ApiError where the API could not be asked; what it does not know is only not among the answer. */
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

/** By id, or by a name that holds the text. */
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
  // A postback may name a click that does not exist: that is what its page says.
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

/** @throws ApiError whatever else than that there is no such thing. */
export async function orNothing<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    const failure: ApiError = toApiError(error);
    if (failure.status === 404 || failure.status === 400) return undefined;
    throw failure;
  }
}
