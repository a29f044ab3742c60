import type { StandardParameter } from '../postback/postback.ts';
import { namesIn } from './carrier.ts';
import { type Coverage, coverageOf } from './coverage.ts';
import type { Network } from './network.ts';

/** The parameters that decide about money. */
const deciding: readonly StandardParameter[] = ['click_id', 'transaction_id', 'payout', 'currency', 'status', 'event'];

/**
 * What somebody who has one signed URL could still change, because the network's recipe does not cover it: our parameters by name, then the
 * network's own marks (contract 1.8). Empty when nothing or everything is signed.
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

/** Whether a name is not covered. A recipe that signs whole parts of the request leaves out only its exceptions. */
function isLeftOut(name: string, { query, body, names, except }: Coverage): boolean {
  if (names.has(name)) return false;
  return query || body ? except.has(name) : true;
}

/** What a real postback of the network must carry in addition to its content, so that it is believed. */
export function carriedByReal({ signing, shared_secret }: Network): readonly string[] {
  return [signing?.in, signing?.timestamp?.in, shared_secret?.in].flatMap((place) => {
    if (place === undefined) return [];
    const names = namesIn(place);
    return [names.length > 0 ? names.join(' or ') : place.replace(/^header:/, 'the header ')];
  });
}
