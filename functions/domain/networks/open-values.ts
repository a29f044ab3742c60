import type { StandardParameter } from '../postback/postback.ts';
import { namesIn } from './carrier.ts';
import { type Coverage, coverageOf } from './coverage.ts';
import type { Network } from './network.ts';

/** What decides about money. */
const deciding: readonly StandardParameter[] = ['click_id', 'transaction_id', 'payout', 'currency', 'status', 'event'];

/**
 * What the holder of one signed URL could still change, because the network's recipe leaves it out: our parameters by name, then
 * the network's own marks (contract 1.8). Empty where nothing is signed, or everything.
 */
export function openValues(network: Network): readonly string[] {
  const { signing, names, reversal, test } = network;
  if (signing === undefined) return [];
  const coverages = (['GET', 'POST'] as const).map((method) => coverageOf(signing, method));
  const isOpen = (name: string): boolean => coverages.some((coverage) => isLeftOut(name, coverage));
  const values = deciding.filter((standard) => (names[standard] ?? []).some(isOpen));
  const original = reversal?.original === undefined ? [] : [reversal.original];
  const marks = [...Object.keys(reversal?.when ?? {}), ...original, ...Object.keys(test ?? {})].filter(isOpen);
  const path =
    reversal?.events !== undefined && coverages.some((coverage) => !coverage.path) ? reversal.events.map((event) => `/${event}`) : [];
  return [...values, ...new Set(marks), ...path];
}

/** A recipe that signs whole parts of the request leaves out only what it excepts. */
function isLeftOut(name: string, { query, body, names, except }: Coverage): boolean {
  if (names.has(name)) return false;
  return query || body ? except.has(name) : true;
}

/** Parameters that a real postback of the network must carry beside what it says, so that it is believed. */
export function carriedByReal({ signing, shared_secret }: Network): readonly string[] {
  return [signing?.in, signing?.timestamp?.in, shared_secret?.in].flatMap((place) => {
    if (place === undefined) return [];
    const names = namesIn(place);
    return [names.length > 0 ? names.join(' or ') : place.replace(/^header:/, 'the header ')];
  });
}
