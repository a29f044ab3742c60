import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isListed } from '../../../functions/adapters/addresses.ts';
import { nodeCrypto } from '../../../functions/adapters/crypto.ts';
import { networkDefinition } from '../../../functions/admin/schemas/network.ts';
import { checkRequest } from '../../../functions/admin/settings/network-check.ts';
import { builtInNetworks } from '../../../functions/domain/networks/built-in.ts';
import type { Network } from '../../../functions/domain/networks/network.ts';
import { inflate } from '../../../functions/runtime/inflate.ts';
import { networkVectors, type SignedVector, withSignature } from '../../support/network-vectors.ts';

const folder = resolve(import.meta.dirname, '..', '..', '..', 'functions', 'domain', 'networks', 'built-in');
const networks = [...builtInNetworks.values()];

test('every document in the folder is built in', () => {
  const files = readdirSync(folder).map((file) => file.replace('.json', '').replaceAll('-', '_'));
  expect([...builtInNetworks.keys()].sort()).toEqual(files.sort());
  expect(networks).toHaveLength(52);
});

test('vectors belong to networks; every network has words of its own, and what it signs if it does', () => {
  for (const id of networkVectors.keys()) expect([id, builtInNetworks.has(id)]).toEqual([id, true]);
  const silent = networks.filter(({ network_id }) => (networkVectors.get(network_id)?.says ?? []).length === 0);
  expect(silent.map(({ network_id }) => network_id)).toEqual([]);
  const signing = networks.filter((network) => network.signing !== undefined).map(({ network_id }) => network_id);
  expect(signing.filter((id) => (networkVectors.get(id)?.signed ?? []).length === 0)).toEqual([]);
});

describe.each(networks)('$network_id', (network) => {
  test('is a document of the schema', () => {
    expect(networkDefinition.safeParse(network).error?.issues ?? []).toEqual([]);
  });

  test('names its documentation, when that was checked, and the URL to paste', () => {
    const { docs = '', paste } = networkVectors.get(network.network_id) ?? {};
    expect(network.docs ?? '').toContain(docs);
    expect(network.docs ?? 'https://').toMatch(/^https:\/\//);
    expect(network.checked).toMatch(/^20\d\d-(?:0[1-9]|1[0-2])$/);
    expect(network.paste?.length).toBeGreaterThan(0);
    if (paste !== undefined) expect([...(network.paste ?? [])].sort()).toEqual([...paste].sort());
  });

  test('has valid IP addresses', () => {
    for (const range of network.addresses ?? []) expect([range, isListed(range.split('/')[0] ?? '', [range])]).toEqual([range, true]);
  });

  test('has words and marks in lower case, so that they can match', () => {
    const words = [
      ...Object.keys(network.statuses?.words ?? {}),
      ...Object.values(network.reversal?.when ?? {}).flat(),
      ...Object.values(network.test ?? {}).flat(),
      ...Object.keys(network.events?.names ?? {}),
    ];
    expect(words).toEqual(words.map((word) => word.toLowerCase()));
  });
});

const dependencies = (at: number) => ({ crypto: nodeCrypto, inflate, now: () => new Date(at * 1_000) });

const vectors = [...networkVectors].flatMap(([id, { signed }]) =>
  signed.map((vector): [string, string, Network, SignedVector] => [id, vector.body ?? vector.url, networkOf(id), vector]),
);

function networkOf(id: string): Network {
  const network = builtInNetworks.get(id);
  if (network === undefined) throw new Error(`no network ${id}`);
  return network;
}

describe.each(vectors)('%s: %s', (_id, _what, network, vector) => {
  const { secret, text, digest, at = 0 } = vector;
  const check = (received: string, withSecret = secret) =>
    checkRequest(dependencies(at), network, withSecret, withSignature(network, vector, received));

  test('is signed in this way', () => {
    const told = check(digest);
    expect(told).toMatchObject({ verified: true, expected: digest, received: digest });
    expect(told.understood).toMatchObject(vector.understood);
    expect(told.signed_text).toBe(text ?? (vector.method === 'POST' ? withSignature(network, vector, digest).body : vector.url));
  });

  test('another digest, and another secret, are refused', () => {
    const other = digest.startsWith('0') ? `1${digest.slice(1)}` : `0${digest.slice(1)}`;
    expect(check(other).verified).toBe(false);
    expect(check(digest, 'another').verified).toBe(false);
  });

  test('hex may be in upper case and carry a prefix', () => {
    if ((network.signing?.encoding ?? 'hex') !== 'hex') return;
    expect(check(digest.toUpperCase()).verified).toBe(true);
    expect(check(`${network.signing?.algorithm.replace('hmac-', '')}=${digest}`).verified).toBe(true);
  });
});

const sayings = [...networkVectors].flatMap(([id, { says }]) => says.map((saying) => ({ id, ...saying })));
test.each(sayings)('$id: $name', ({ id, query, event, body, understood }) => {
  const url = `/postback/KEY${event === undefined ? '' : `/${event}`}?${query}`;
  const request = { method: body === undefined ? ('GET' as const) : ('POST' as const), url, headers: {}, body: body ?? '' };
  const told = checkRequest(dependencies(0), networkOf(id), undefined, request);
  expect(told.understood).toMatchObject(understood);
});
