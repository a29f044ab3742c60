import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nodeCrypto } from '../../../functions/adapters/crypto.ts';
import { networkDefinition } from '../../../functions/admin/schemas/network.ts';
import { checkRequest } from '../../../functions/admin/settings/network-check.ts';
import type { Network } from '../../../functions/domain/networks/network.ts';
import { inflate } from '../../../functions/runtime/inflate.ts';
import { anyNetwork } from '../../support/any-network.ts';
import { sentBy } from '../../support/network-side.ts';

/** Networks that nobody has ever seen can be described, and work (contract 1.8). */

const runs = Number(process.env['FUZZ_RUNS'] ?? 500);
const check = (network: Network, means: 'approve' | 'reverse' | 'test', secret: string) => {
  const url = 'https://pb.example.com/postback/KEY';
  const sent = sentBy(network, { clickId: 'CLK-1', transaction: 'T-1', means }, secret, url, 0);
  if (sent === undefined) throw new Error('nothing sent');
  const headers = Object.fromEntries(Object.entries(sent.options.headers ?? {}).map(([header, value]) => [header, String(value)]));
  const body = typeof sent.options.body === 'string' ? sent.options.body : '';
  const request = { method: body === '' ? ('GET' as const) : ('POST' as const), url: `${url}?${sent.query}`, headers, body };
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
