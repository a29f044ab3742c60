import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nodeCrypto } from '../../../functions/adapters/crypto.ts';
import { networkDefinition } from '../../../functions/admin/schemas/network.ts';
import { checkRequest } from '../../../functions/admin/settings/network-check.ts';
import { digestAlgorithms, encodings, hmacAlgorithms, type Network } from '../../../functions/domain/networks/network.ts';
import { inflate } from '../../../functions/runtime/inflate.ts';
import { sentBy } from '../../support/network-side.ts';

/** Networks that nobody has ever seen can be described, and work (contract 1.8). */

const runs = Number(process.env['FUZZ_RUNS'] ?? 500);
const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{1,12}$/);
/** Made once: what the pattern allows takes fast-check long to work out. */
const word = fc.stringMatching(/^[a-z0-9_]{2,10}$/);
const names = fc.uniqueArray(name, { minLength: 8, maxLength: 8, selector: (one) => one.toLowerCase() });
const separator = fc.constantFrom('', ':', '-', '/', '|');

/** A recipe over the four names that matter, in an order and a way of its own. */
const anySigning = (own: readonly string[]) =>
  fc
    .record({
      algorithm: fc.constantFrom(...digestAlgorithms, ...hmacAlgorithms),
      encoding: fc.constantFrom(...encodings),
      order: fc.shuffledSubarray([...own.slice(0, 4)], { minLength: 4 }),
      joined: separator,
      kind: fc.constantFrom('values', 'url_before', 'sorted_query', 'sorted_pairs', 'sorted_values'),
      place: fc.constantFrom('query', 'header'),
    })
    .map(({ algorithm, encoding, order, joined, kind, place }) => {
      const carrier = own[7] ?? 'sig';
      const text = {
        values: order.map((one) => `{${one}}`).join(joined),
        url_before: place === 'query' ? `{url_before:${carrier}}` : '{url}',
        sorted_query: '{sorted_query}',
        sorted_pairs: '{sorted_query:;}',
        sorted_values: '{sorted_values:~}',
      }[kind];
      return { in: `${place}:${carrier}`, algorithm, encoding, message: algorithm.startsWith('hmac-') ? text : `${text}{secret}` };
    });

const anyNetwork: fc.Arbitrary<Network> = names.chain((own) => {
  const [click = '', transaction = '', payout = '', status = '', mark = '', original = ''] = own;
  return fc.record({
    network_id: fc.constant('any'),
    title: fc.constant('Any'),
    names: fc.constant({ click_id: [click], transaction_id: [transaction], payout: [payout], status: [status] }),
    signing: anySigning(own),
    amount: fc.record({
      unit: fc.constantFrom('major' as const, 'minor' as const),
      negative: fc.constantFrom('refuse' as const, 'reverses' as const),
    }),
    statuses: fc.record({
      words: fc.uniqueArray(word, { minLength: 3, maxLength: 3 }).map(([good = '', bad = '', wait = '']) => ({
        [`${good}x`]: 'approved' as const,
        [`${bad}y`]: 'reversed' as const,
        [`${wait}z`]: 'pending' as const,
      })),
      absent: fc.constantFrom('held' as const, 'approved' as const),
    }),
    reversal: fc.constantFrom({ original }, { id_prefix: 'r-' }, { own_id: true }, {}),
    test: fc.constant({ [mark]: ['yes'] }),
    paste: fc.constant([`?${[click, transaction, payout, status, ...own.slice(5, 7)].map((one) => `${one}={${one}}`).join('&')}`]),
  });
});

const check = (network: Network, means: 'approve' | 'reverse' | 'test', secret: string) => {
  const url = 'https://pb.example.com/postback/KEY';
  const sent = sentBy(network, { clickId: 'CLK-1', transaction: 'T-1', means }, secret, url, 0);
  if (sent === undefined) throw new Error('nothing sent');
  const headers = Object.fromEntries(Object.entries(sent.options.headers ?? {}).map(([header, value]) => [header, String(value)]));
  const request = { method: 'GET' as const, url: `${url}?${sent.query}`, headers, body: '' };
  return checkRequest({ crypto: nodeCrypto, inflate, now: () => new Date(0) }, network, 's3cret', request);
};

test('a network that nobody has seen can be described, verified and understood', () => {
  fc.assert(
    fc.property(anyNetwork, (network) => {
      expect(networkDefinition.safeParse(network).error?.issues ?? []).toEqual([]);
      const approved = check(network, 'approve', 's3cret');
      expect(approved).toMatchObject({
        verified: true,
        unsigned: [],
        understood: { click_id: 'CLK-1', transaction_id: 'T-1', status: 'approved', payout: '5', held_for: null },
      });
      expect(check(network, 'reverse', 's3cret')).toMatchObject({ verified: true, understood: { status: 'reversed', payout: '5' } });
      if (network.signing?.message !== undefined && String(network.signing.message).includes('sorted_values')) return;
      expect(check(network, 'test', 's3cret')).toMatchObject({ verified: true, understood: { status: 'test' } });
      expect(check(network, 'approve', 'another').verified).toBe(false);
    }),
    { numRuns: runs },
  );
});
