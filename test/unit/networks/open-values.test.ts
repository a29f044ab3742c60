import { describe, expect, test } from '@jest/globals';
import { nodeCrypto } from '../../../functions/adapters/crypto.ts';
import { builtInNetworks } from '../../../functions/domain/networks/built-in.ts';
import { namesOf } from '../../../functions/domain/networks/names.ts';
import type { Network } from '../../../functions/domain/networks/network.ts';
import { openValues } from '../../../functions/domain/networks/open-values.ts';
import { verifySignature } from '../../../functions/domain/networks/verify.ts';
import { dialectOf } from '../../../functions/domain/postback/dialect.ts';
import { gatherParameters } from '../../../functions/domain/postback/gather-parameters.ts';
import { interpret } from '../../../functions/domain/postback/interpret.ts';
import type { InboundRequest } from '../../../functions/domain/postback/postback.ts';
import { allStandardNames } from '../../../functions/domain/postback/standard-names.ts';
import { inflate } from '../../../functions/runtime/inflate.ts';
import { sentBy } from '../../support/network-side.ts';

/** Tries out what somebody who has one signed URL can change. This must be what the network's document says (contract 1.8). */

const secret = 's3cret';
const origin = 'https://postback.example';
const path = '/postback/KEY';
const now = 1_790_000_000_000;

function genuine(network: Network): InboundRequest {
  const sent = sentBy(network, { clickId: 'CLK-1', transaction: 'T-1', means: 'approve' }, secret, `${origin}${path}`, now);
  if (sent === undefined) throw new Error('nothing sent');
  const { query, options } = sent;
  const headers = Object.fromEntries(Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const body = new TextEncoder().encode(typeof options.body === 'string' ? options.body : '');
  return { method: body.length > 0 ? 'POST' : 'GET', origin, path, rawQuery: query, headers, body, sourceAddress: '' };
}

/** One per network, so that everything that follows from it is only calculated once. */
const partners = new Map<string, Parameters<typeof dialectOf>[0]>();
function partnerOf({ network_id }: Network): Parameters<typeof dialectOf>[0] {
  const partner = partners.get(network_id) ?? { parameter_mapping: {}, parameter_defaults: {}, status_mapping: {} };
  partners.set(network_id, partner);
  return partner;
}

/** What a request decides; `undefined` when it is refused, or held because part of it is unsigned. */
function decided(network: Network, request: InboundRequest): Record<string, unknown> | undefined {
  const gathering = gatherParameters(request, inflate);
  const verification = verifySignature({ network, request, parameters: gathering.parameters, secrets: [secret] }, nodeCrypto, now);
  if (verification.outcome !== 'valid' || !gathering.gathered) return undefined;
  const dialect = dialectOf(partnerOf(network), network);
  const reading = interpret(gathering.parameters, dialect, request.path.split('/')[3], verification.coverage);
  if (!reading.read || reading.unsigned.length > 0) return undefined;
  const { clickId, transactionId, originalTransactionId, payout, currency, status, logged, event } = reading.postback;
  return {
    click_id: clickId,
    transaction_id: transactionId,
    original_transaction_id: originalTransactionId,
    payout: payout?.toFixed(),
    currency,
    status: logged ? 'log' : status,
    event,
  };
}

/** The query with another value under a name. If the name was not sent, it is put before the signature. */
function withValue(rawQuery: string, name: string, value: string): string {
  const pair = `${name}=${encodeURIComponent(value)}`;
  const pairs = rawQuery.split('&').filter((one) => one !== '');
  const at = pairs.findIndex((one) => one.startsWith(`${name}=`));
  return (at === -1 ? [pair, ...pairs] : pairs.with(at, pair)).join('&');
}

/** The JSON body with another value under a name. */
function withMember(body: Uint8Array, name: string, value: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ ...JSON.parse(new TextDecoder().decode(body)), [name]: value }));
}

function variants(network: Network, request: InboundRequest): [string, InboundRequest][] {
  const { all } = namesOf(network);
  const marks = [network.test, network.reversal?.when].flatMap((one) => Object.values(one ?? {}).flat());
  const words = [...Object.keys(network.statuses?.words ?? {}), ...marks, 'approved', 'rejected'];
  const values = new Set(['OTHER', '9.99', '-9.99', 'EUR', 'true', ...words]);
  const form = { ...request.headers, 'content-type': 'application/x-www-form-urlencoded' };
  return [...new Set([...all, ...allStandardNames])].flatMap((name) => [
    [name, { ...request, rawQuery: request.rawQuery.replace(new RegExp(`(^|&)${name.replaceAll('.', '\\.')}=[^&]*`), '') }],
    ...[...values].flatMap((value): [string, InboundRequest][] => {
      const pair = `${name}=${encodeURIComponent(value)}`;
      return [
        [name, { ...request, rawQuery: withValue(request.rawQuery, name, value) }],
        [name, { ...request, rawQuery: `${request.rawQuery}&${pair}` }],
        [name, { ...request, method: 'POST', headers: form, body: new TextEncoder().encode(pair) }],
        ...(request.body.length > 0
          ? [[name, { ...request, body: withMember(request.body, name, value) }] as [string, InboundRequest]]
          : []),
      ];
    }),
  ]);
}

/** Everything that somebody could change, found by trial. */
function foundOpen(network: Network): Set<string> {
  const request = genuine(network);
  const usual = decided(network, request);
  expect(usual).toMatchObject({ click_id: 'CLK-1', transaction_id: 'T-1', status: 'approved' });
  const marks = new Set([
    ...Object.keys(network.reversal?.when ?? {}),
    ...Object.keys(network.test ?? {}),
    ...(network.reversal?.original === undefined ? [] : [network.reversal.original]),
  ]);
  const open = new Set<string>();
  for (const [name, variant] of variants(network, request)) {
    const then = decided(network, variant);
    if (then === undefined) continue;
    const changed = Object.keys(then).filter((field) => then[field] !== usual?.[field]);
    const reads = (field: string) => (network.names[field as 'payout'] ?? []).includes(name);
    // A negative amount and a mark change the status too; only the changed value counts.
    for (const field of changed) if (!marks.has(name) && (reads(field) || !changed.some(reads))) open.add(field);
    if (changed.length > 0 && marks.has(name)) open.add(name);
  }
  for (const event of ['purchase', ...(network.reversal?.events ?? [])]) {
    const then = decided(network, { ...request, path: `${path}/${event}` });
    if (then !== undefined && JSON.stringify(then) !== JSON.stringify(usual)) open.add(`/${event}`);
  }
  return open;
}

const signing = [...builtInNetworks.values()].filter((network) => network.signing !== undefined);

describe.each(signing)('$network_id', (network) => {
  test('lets others change only those values of a signed request that its document leaves open', () => {
    expect([...foundOpen(network)].sort()).toEqual([...openValues(network)].sort());
  });

  test('pays no more for the same request as a POST or as a body', () => {
    const request = genuine(network);
    if (request.method === 'POST') return;
    const usual = decided(network, request);
    const target = new TextEncoder().encode(`${path}?${request.rawQuery}`);
    for (const variant of [
      { ...request, method: 'POST' as const },
      { ...request, method: 'POST' as const, rawQuery: '', body: target },
      { ...request, method: 'POST' as const, body: target },
    ]) {
      const then = decided(network, variant);
      if (then !== undefined) expect(then).toEqual(usual);
    }
  });
});
