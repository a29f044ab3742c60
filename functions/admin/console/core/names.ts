import type { Api } from './api.ts';
import type { Offer, Partner, Placement, Publisher } from './types.ts';

/** What has a name beside its id. */
export type Named = 'partner' | 'offer' | 'publisher' | 'placement' | 'network';

/** The names of what has an id, asked for when they are first needed and kept for a minute. */
export interface Names {
  /** Those that are known already. */
  known(kind: Named): ReadonlyMap<string, string> | undefined;
  list(kind: Named): Promise<ReadonlyMap<string, string>>;
}

const keptMilliseconds = 60_000;
/** Two thousand of each: whoever has more reads ids. */
const mostPages = 10;

type Entries = readonly (readonly [string, string])[];
interface Source {
  readonly path: string;
  read(answer: object): Entries;
}

function source<Name extends string, Item>(path: string, name: Name, entry: (item: Item) => readonly [string, string]): Source {
  return {
    path,
    read(answer) {
      const items: readonly Item[] = Reflect.get(answer, name);
      return items.map(entry);
    },
  };
}

const sources: Readonly<Record<Named, Source>> = {
  partner: source('/partners', 'partners', ({ partner_id, partner_name }: Partner) => [partner_id, partner_name]),
  offer: source('/offers', 'offers', ({ offer_id, name }: Offer) => [offer_id, name]),
  publisher: source('/publishers', 'publishers', ({ publisher_id, name }: Publisher) => [publisher_id, name]),
  placement: source('/placements', 'placements', ({ placement_id, name }: Placement) => [placement_id, name]),
  network: source('/networks', 'networks', ({ network_id, title }: { network_id: string; title: string }) => [network_id, title]),
};

export function createNames(api: Api, role: string): Names {
  const kept = new Map<Named, { readonly at: number; readonly loading: Promise<ReadonlyMap<string, string>> }>();
  const known = new Map<Named, ReadonlyMap<string, string>>();
  async function load(kind: Named): Promise<ReadonlyMap<string, string>> {
    const { path, read } = sources[kind];
    const entries: (readonly [string, string])[] = [];
    let cursor: string | undefined;
    for (let page = 0; page === 0 || (cursor !== undefined && page < mostPages); page += 1) {
      const answer: object & { next_cursor: string | null } = await api.get(path, { limit: '200', cursor });
      entries.push(...read(answer));
      cursor = answer.next_cursor ?? undefined;
    }
    const names = new Map(entries);
    known.set(kind, names);
    return names;
  }
  return {
    known: (kind) => known.get(kind),
    async list(kind) {
      // Whoever sees only what is theirs has no names to ask for.
      if (role !== 'admin' && role !== 'viewer') return new Map();
      const before = kept.get(kind);
      if (before !== undefined && Date.now() - before.at < keptMilliseconds) return before.loading;
      const loading = load(kind);
      kept.set(kind, { at: Date.now(), loading });
      loading.catch(() => kept.delete(kind));
      return loading;
    },
  };
}
