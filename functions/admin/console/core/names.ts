import { type Api, changes } from './api.ts';
import { rowsOf } from './pages.ts';
import type { Offer, Partner, Placement, Publisher } from './types.ts';

/** Kinds of things that have a name beside their id. */
export type Named = 'partner' | 'offer' | 'publisher' | 'placement' | 'network';

/** Names by id, loaded when they are first needed and kept for a minute. */
export interface Names {
  /** The names that are already loaded. */
  known(kind: Named): ReadonlyMap<string, string> | undefined;
  /** @param fresh whether to include names that somebody else has added within the minute. */
  list(kind: Named, fresh?: boolean): Promise<ReadonlyMap<string, string>>;
}

const keptMilliseconds = 60_000;
/** The most names that are loaded per kind; beyond that the console shows ids. */
const mostNamed = 2_000;

type Entry = readonly [id: string, name: string];
/** Loads everything of one kind. */
type Source = (api: Api) => Promise<readonly Entry[]>;

function source<Name extends string, Item>(path: string, name: Name, entry: (item: Item) => Entry): Source {
  return async (api) => (await rowsOf<Item, Name>({ api, path, name, parameters: {} }, undefined, mostNamed)).items.map(entry);
}

const sources: Readonly<Record<Named, Source>> = {
  partner: source('/partners', 'partners', ({ partner_id, partner_name }: Partner) => [partner_id, partner_name]),
  offer: source('/offers', 'offers', ({ offer_id, name }: Offer) => [offer_id, name]),
  publisher: source('/publishers', 'publishers', ({ publisher_id, name }: Publisher) => [publisher_id, name]),
  placement: source('/placements', 'placements', ({ placement_id, name }: Placement) => [placement_id, name]),
  network: source('/networks', 'networks', ({ network_id, title }: { network_id: string; title: string }) => [network_id, title]),
};

export function createNames(api: Api, role: string): Names {
  const kept = new Map<Named, { readonly at: number; readonly changes: number; readonly loading: Promise<ReadonlyMap<string, string>> }>();
  const known = new Map<Named, ReadonlyMap<string, string>>();
  async function load(kind: Named): Promise<ReadonlyMap<string, string>> {
    const names = new Map(await sources[kind](api));
    known.set(kind, names);
    return names;
  }
  return {
    known: (kind) => known.get(kind),
    async list(kind, fresh = false) {
      // A caller with a bound token cannot list names.
      if (role !== 'admin' && role !== 'viewer') return new Map();
      const before = kept.get(kind);
      const holds = before !== undefined && before.changes === changes() && Date.now() - before.at < keptMilliseconds;
      if (holds && !fresh) return before.loading;
      const loading = load(kind);
      kept.set(kind, { at: Date.now(), changes: changes(), loading });
      loading.catch(() => kept.delete(kind));
      return loading;
    },
  };
}
