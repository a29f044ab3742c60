/**
 * The state of a page of the browser's history when it was left: how far it was scrolled and what it had loaded. Going back restores it.
 */
export interface Place {
  readonly id: string;
  scroll: number;
  /** What was loaded, by its path in the API. */
  readonly loaded: object;
  /** Heights of the parts of its tables, by the table's label and the part's number. */
  readonly heights: Map<string, number>;
}

/** The most pages that are kept. Whoever goes back further loads again. */
const mostPlaces = 20;
const places = new Map<string, Place>();

/** The place of the current history entry. */
export function currentPlace(): Place {
  const state: { readonly place?: unknown } | null = history.state;
  const id = typeof state?.place === 'string' ? state.place : crypto.randomUUID();
  if (state?.place !== id) history.replaceState({ place: id }, '');
  const known = places.get(id);
  if (known !== undefined) return known;
  const place: Place = { id, scroll: 0, loaded: {}, heights: new Map() };
  places.set(id, place);
  const [oldest] = places.keys();
  if (places.size > mostPlaces && oldest !== undefined) places.delete(oldest);
  return place;
}

/** What was loaded there before: a path always answers with the same type. */
export function loadedBefore<Value>({ loaded }: Place, address: string): Value | undefined {
  return Reflect.get(loaded, address);
}

export function keepLoaded({ loaded }: Place, address: string, value: unknown): void {
  Reflect.set(loaded, address, value);
}

/** From now on the console restores the scroll position itself: the browser would do it before there is anything to scroll. */
export function keepPlaces(): void {
  history.scrollRestoration = 'manual';
  addEventListener('scroll', () => {
    currentPlace().scroll = scrollY;
  });
}
