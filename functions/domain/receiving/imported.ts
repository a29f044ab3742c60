import type { LogEntry } from '../log-entry.ts';
import type { Network } from '../networks/network.ts';
import type { InboundRequest } from '../postback/postback.ts';
import { folded, standardOf } from '../postback/standard-names.ts';
import type { Partner } from '../settings.ts';
import { postbackStatuses } from '../status.ts';
import { rawRequest } from './raw-request.ts';

/** Replaces the key in the log entry of an imported row. */
export const importKeyId = 'import';

/**
 * How a partner's file is read: its columns have our names, and a person has vouched for it. Its words for statuses, its currency and its
 * defaults are the partner's.
 */
export function partnerOfImport(partner: Partner): Partner {
  return {
    ...partner,
    preset: undefined,
    network_settings: undefined,
    parameter_mapping: {},
    signing_secrets: [],
    ip_policy: 'off',
    mode: 'standard',
  };
}

type Row = Readonly<Record<string, string>>;

/**
 * A row of a partner's file under our names. A column with another name from the partner's mapping or its network is renamed if the row has
 * nothing under our name, and the network's word for a status becomes ours unless the partner's own words say something else.
 *
 * @param row columns in any case; unknown names stay.
 */
export function standardRow(row: Row, { parameter_mapping, status_mapping }: Partner, network: Network | undefined): Row {
  const theirs = new Map([
    ...Object.entries(network?.names ?? {}).flatMap(([ours, names]) => names.map((name) => [folded(name), ours] as const)),
    ...Object.entries(parameter_mapping).flatMap(([name, ours]) => (ours === null ? [] : [[folded(name), ours] as const])),
  ]);
  const present = new Set(Object.keys(row).map((name) => standardOf(folded(name))));
  const named = Object.entries(row).map(([name, value]): [string, string] => {
    const ours = standardOf(folded(name)) === undefined ? theirs.get(folded(name)) : undefined;
    return [ours === undefined || present.has(standardOf(ours)) ? name : ours, value];
  });
  const known = new Set(Object.keys(status_mapping).map((word) => word.toLowerCase()));
  const words = new Map(Object.entries(network?.statuses?.words ?? {}).map(([word, status]) => [word.toLowerCase(), status]));
  const translated = named.map(([name, value]): [string, string] => {
    const word = value.trim().toLowerCase();
    const status = standardOf(folded(name)) === 'status' && !known.has(word) ? words.get(word) : undefined;
    return [name, postbackStatuses.find((ours) => ours === status) ?? value];
  });
  return Object.fromEntries(translated);
}

/** A row of a file as a request, so that it is processed like every postback. */
export function importRequest(row: Row, origin: string): InboundRequest {
  return {
    method: 'POST',
    origin,
    path: '/api/admin/conversions/import',
    rawQuery: '',
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(row)),
    sourceAddress: '',
  };
}

/** The log entry of a row before the row is read. */
export function importBlank(
  facts: Pick<LogEntry, 'log_id' | 'partner_id' | 'received_at'>,
  request: InboundRequest,
  encodeBody: (body: Uint8Array) => string,
): LogEntry {
  return { ...facts, key_id: importKeyId, result: 'error', flags: [], custom_data: {}, raw: rawRequest(request, encodeBody) };
}
