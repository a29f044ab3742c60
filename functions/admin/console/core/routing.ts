import { useEffect, useMemo, useState } from 'preact/hooks';
import { type Query, queryText } from './api.ts';
import { currentPlace, type Place } from './place.ts';

/** The current page of the console. It is entirely in the URL's fragment, so it survives a reload, and Back and Forward work. */
export interface Location {
  /** Decoded parts: `#/partners/acme` is `['partners', 'acme']`. */
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  readonly place: Place;
}

function readLocation(hash: string): Location {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return {
    parts: path
      .split('/')
      .filter((part) => part !== '')
      .map(decoded),
    query: Object.fromEntries(new URLSearchParams(query)),
    place: currentPlace(),
  };
}

/** The URL of a page: `to(['partners', id])`. */
export function to(parts: readonly string[], query: Query = {}): string {
  return `#/${parts.map(encodeURIComponent).join('/')}${queryText(query)}`;
}

export function navigate(address: string): void {
  location.hash = address;
}

/** Changes the URL without a new entry in the history, as filters do: the page stays and shows something else. */
export function replaceAddress(address: string): void {
  history.replaceState(history.state, '', address);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** Replaces this page by another in the history, so that Back leads to the page before both. */
export function replacePage(address: string): void {
  location.replace(address);
}

export function useLocation(): Location {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    // The fragment may have changed before this listener was added.
    follow();
    return () => removeEventListener('hashchange', follow);
  }, []);
  return useMemo(() => readLocation(hash), [hash]);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
