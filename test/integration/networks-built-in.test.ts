import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { builtInNetworks } from '../../functions/domain/networks/built-in.ts';
import type { Network } from '../../functions/domain/networks/network.ts';
import { Inbound } from '../support/inbound.ts';
import type { AnyBody, Campaign } from '../support/local-stack.ts';
import { canReverse, type Payment, sentBy } from '../support/network-side.ts';

/** Every network that is built in, over HTTP: its pasted template filled in as it would (contract 1.8). */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
});
afterAll(() => inbound.stop());

const secret = 's3cret-of-the-network';
const needsSecret = ({ signing, shared_secret }: Network): boolean => signing !== undefined || shared_secret !== undefined;
const sendsNoMoney = ({ network_id, names }: Network): boolean => names.payout?.length === 0 || network_id === 'hitpath';

const campaignOf = (network: Network): Promise<Campaign> =>
  inbound.stack.campaign({
    partner: { preset: network.network_id, ...(needsSecret(network) && { signing: { secret } }) },
    ...(sendsNoMoney(network) && { offer: { revenue_share_percent: 0, payout: '4.00' } }),
  });

async function send(
  network: Network,
  { key, clickId }: Campaign,
  means: Payment['means'],
  with_ = secret,
  transaction = 'T-1',
): Promise<AnyBody> {
  const base = `${inbound.stack.url}/postback/${key}`;
  const request = sentBy(network, { clickId, transaction, means }, with_, base, Date.now());
  if (request === undefined) throw new Error(`${network.network_id} cannot ${means}`);
  return inbound.stack.postback(key, request.query, request.options);
}

const wanted = ({ answer }: Network, result: 'accepted' | 'duplicate'): string | undefined => {
  const text = (result === 'duplicate' ? answer?.duplicate : undefined) ?? answer?.accepted ?? undefined;
  return text?.replace('{eventId}', 'T-1');
};

describe.each([...builtInNetworks.values()].map((network) => [network.network_id, network] as const))('%s', (_id, network) => {
  test('what was pasted, filled in as the network does, is accepted, paid once, answered as it wants, and taken back', async () => {
    const campaign = await campaignOf(network);
    for (const result of ['accepted', 'duplicate'] as const) {
      const answer = await send(network, campaign, 'approve');
      const log = await inbound.newestLog(campaign.key);
      expect([answer.status, log.result, log.code, log.flags]).toEqual([200, result, null, log.flags]);
      expect(log.flags.filter((flag: string) => flag !== 'address_not_listed' && flag !== 'offer_mismatch')).toEqual([]);
      const text = wanted(network, result);
      if (text === undefined) expect(answer.body).toMatchObject({ status: 'success', result });
      else expect(answer.body).toBe(text);
      expect(await inbound.balance(campaign)).toBe('4.00');
    }
    if (!canReverse(network)) return;
    expect((await send(network, campaign, 'reverse')).status).toBe(200);
    expect(await inbound.newestLog(campaign.key)).toMatchObject({ result: 'accepted' });
    expect(await inbound.balance(campaign)).toBe('0.00');
  });

  test('a forged one is refused, an unsigned one too, and neither the log nor an answer shows a secret', async () => {
    if (!needsSecret(network)) return;
    const campaign = await campaignOf(network);
    const answer = await send(network, campaign, 'approve', 'another-secret');
    expect([answer.status, answer.body.code]).toEqual([403, 'signature_invalid']);
    expect(await inbound.conversions(campaign.partnerId)).toEqual([]);
    if (network.shared_secret === undefined) return;
    await send(network, campaign, 'approve');
    for (const log of await inbound.logs(campaign.partnerId)) {
      const whole = JSON.stringify(await inbound.log(log.log_id));
      expect(whole).not.toMatch(/s3cret-of-the-network|another-secret/);
    }
  });

  test('its mark of a test pays nothing', async () => {
    if (network.test === undefined) return;
    const campaign = await campaignOf(network);
    expect((await send(network, campaign, 'test')).status).toBe(200);
    expect(await inbound.newestLog(campaign.key)).toMatchObject({ result: 'test' });
    expect(await inbound.conversions(campaign.partnerId)).toEqual([]);
  });

  test('the postback URL that a key is issued with is its template', async () => {
    const { partner } = await inbound.stack.adminOk('POST', '/partners', { partner_name: 'Pasting', preset: network.network_id });
    const issued = await inbound.stack.adminOk('POST', '/postback-receiver/generate-key', { partner_id: partner.partner_id });
    const base = `${inbound.stack.url}/postback/${issued.unique_key}`;
    expect(issued.postback_urls).toEqual((network.paste ?? ['']).map((template) => `${base}${template}`));
    expect(issued.postback_url).toBe(issued.postback_urls[0]);
  });
});
