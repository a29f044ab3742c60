import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { Answer, AnyBody, Campaign } from '../support/local-stack.ts';
import { type Network, type NetworkPostback, type NetworkRequest, networks } from '../support/networks.ts';

/** Each network's whole story over HTTP, as the network sends it, with signatures that are really computed (contract 1.8). */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
});
afterAll(() => inbound.stop());

const campaignOf = ({ preset, secret }: Network): Promise<Campaign> =>
  inbound.stack.campaign({ partner: { preset, ...(secret !== undefined && { signing: { secret } }) } });

type Means = 'approve' | 'reverse' | 'test';

/** Signs a postback as the network would at `now`. */
function signed(
  network: Network,
  campaign: Campaign,
  means: Means,
  postback: NetworkPostback,
  secret = network.secret ?? '',
  now = Date.now(),
): NetworkRequest {
  const unsigned = network[means]?.(postback);
  if (unsigned === undefined) throw new Error(`${network.preset} cannot ${means}`);
  const path = `/postback/${campaign.key}${unsigned.event === undefined ? '' : `/${unsigned.event}`}`;
  return network.sign(unsigned, secret, `${inbound.stack.url}${path}`, now);
}

const send = ({ key }: Campaign, { query, options }: NetworkRequest): Promise<Answer<AnyBody>> =>
  inbound.stack.postback(key, query, options);

const paid = (network: Network, clickId: string): NetworkPostback => ({ clickId, transaction: 'T-1', amount: network.amount });

/** The answer that the network expects. */
function expectAnswer({ wants }: Network, answer: Answer<AnyBody>, result: string): void {
  expect(answer.status).toBe(200);
  if (wants === undefined) expect(answer.body).toMatchObject({ status: 'success', result });
  else {
    expect(answer.body).toBe(result === 'duplicate' ? wants.duplicate : wants.success);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  }
}

describe.each(networks.map((network) => [network.preset, network] as const))('%s', (_preset, network) => {
  test('approves, repeats, and takes back', async () => {
    const campaign = await campaignOf(network);
    const approval = signed(network, campaign, 'approve', paid(network, campaign.clickId));
    const approved = await send(campaign, approval);
    expectAnswer(network, approved, 'accepted');
    expect(await inbound.logOf(approved)).toMatchObject({
      result: 'accepted',
      status: 'approved',
      payout: '5',
      click_id: campaign.clickId,
    });
    expect(await inbound.balance(campaign)).toBe('4.00');

    const repeated = await send(campaign, approval);
    expectAnswer(network, repeated, 'duplicate');
    expect(await inbound.logOf(repeated)).toMatchObject({ result: 'duplicate' });
    expect(await inbound.balance(campaign)).toBe('4.00');
    if (network.reverse === undefined) return;

    const reversal = signed(network, campaign, 'reverse', paid(network, campaign.clickId));
    expectAnswer(network, await send(campaign, reversal), 'accepted');
    expect(await inbound.balance(campaign)).toBe('0.00');

    for (const again of [reversal, approval]) expectAnswer(network, await send(campaign, again), 'duplicate');
    expect(await inbound.balance(campaign)).toBe('0.00');
    // If a network's clicks earn once per transaction, a conversion is also identified by its transaction.
    const [{ conversion_id }] = await inbound.conversions(campaign.partnerId);
    expect(await inbound.conversion(conversion_id)).toMatchObject({
      status: network.preset === 'adgate' ? 'rejected' : 'reversed',
      ledger_entries: [{ points: '4.00' }, { points: '-4.00' }],
    });
  });

  test('accepts a reversal that comes first', async () => {
    if (network.reverse === undefined) return;
    const campaign = await campaignOf(network);
    for (const means of ['reverse', 'approve'] as const)
      expect((await send(campaign, signed(network, campaign, means, paid(network, campaign.clickId)))).status).toBe(200);
    expect(await inbound.balance(campaign)).toBe('0.00');
  });

  test('pays nothing for a postback with its test mark', async () => {
    if (network.test === undefined) return;
    const campaign = await campaignOf(network);
    const answer = await send(campaign, signed(network, campaign, 'test', paid(network, campaign.clickId)));
    expectAnswer(network, answer, 'test');
    expect(await inbound.logOf(answer)).toMatchObject({ result: 'test' });
    expect(await inbound.conversions(campaign.partnerId)).toEqual([]);
    expect(await inbound.balance(campaign)).toBe('0.00');
  });

  test('refuses a request with another secret, a changed click, or no signature', async () => {
    if (network.secret === undefined) return;
    const campaign = await campaignOf(network);
    const good = signed(network, campaign, 'approve', paid(network, campaign.clickId));
    const other = await campaign.newClick();
    const inAll = (from: string, to: string): NetworkRequest => ({
      query: good.query.replace(from, to),
      options: { ...good.options, ...(typeof good.options?.body === 'string' && { body: good.options.body.replace(from, to) }) },
    });
    // CPX signs only the transaction.
    const tampered = network.preset === 'cpx' ? inAll('T-1', 'T-2') : inAll(campaign.clickId, other);
    const bare = network.sign(
      { parameters: network.approve(paid(network, campaign.clickId)).parameters },
      '',
      inbound.stack.url,
      Date.now(),
    );
    const names = /&(?:hash|sig|signature|verifier)=[^&]*|,"Sig":"[^"]*"/;
    const unsigned: NetworkRequest = {
      query: bare.query.replace(names, ''),
      options: {
        ...bare.options,
        headers: {},
        ...(typeof bare.options?.body === 'string' && { body: bare.options.body.replace(names, '') }),
      },
    };
    for (const [request, code] of [
      [signed(network, campaign, 'approve', paid(network, campaign.clickId), 'another-secret'), 'signature_invalid'],
      [tampered, 'signature_invalid'],
      [unsigned, 'signature_missing'],
    ] as const) {
      const answer = await send(campaign, request);
      expect(answer).toMatchObject({ status: 403, body: { status: 'error', code } });
      expect(await inbound.log(answer.body.log_id)).toMatchObject({ result: 'error', code });
    }
    expect(await inbound.conversions(campaign.partnerId)).toEqual([]);
    expectAnswer(network, await send(campaign, good), 'accepted');
    expect(await inbound.balance(campaign)).toBe('4.00');
  });
});

describe('replay', () => {
  test.each(networks.map((network) => [network.preset, network] as const))(
    '%s: a signed request pays once, however often and late it comes',
    async (_preset, network) => {
      const campaign = await campaignOf(network);
      const approval = signed(network, campaign, 'approve', paid(network, campaign.clickId));
      const answers = await Promise.all(Array.from({ length: 5 }, () => send(campaign, approval)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      expect(await inbound.balance(campaign)).toBe('4.00');
      expect((await inbound.logs(campaign.partnerId)).map(({ result }) => result).sort()).toEqual([
        'accepted',
        'duplicate',
        'duplicate',
        'duplicate',
        'duplicate',
      ]);
    },
  );

  test('generic_hmac: a request signed more than five minutes ago, or ahead, is refused', async () => {
    const network = networks.find(({ preset }) => preset === 'generic_hmac');
    if (network === undefined) throw new Error('no generic_hmac');
    const campaign = await campaignOf(network);
    for (const offset of [-310_000, 310_000]) {
      const old = signed(network, campaign, 'approve', paid(network, campaign.clickId), network.secret, Date.now() + offset);
      expect(await send(campaign, old)).toMatchObject({
        status: 403,
        body: { code: 'signature_invalid', message: expect.stringContaining('x-timestamp') },
      });
    }
    const recent = signed(network, campaign, 'approve', paid(network, campaign.clickId), network.secret, Date.now() - 280_000);
    expectAnswer(network, await send(campaign, recent), 'accepted');
  });

  test('generic_hmac: the same postback signed anew is still the same', async () => {
    const network = networks.find(({ preset }) => preset === 'generic_hmac');
    if (network === undefined) throw new Error('no generic_hmac');
    const campaign = await campaignOf(network);
    for (const [offset, result] of [
      [-60_000, 'accepted'],
      [-30_000, 'duplicate'],
      [0, 'duplicate'],
    ] as const) {
      const request = signed(network, campaign, 'approve', paid(network, campaign.clickId), network.secret, Date.now() + offset);
      expectAnswer(network, await send(campaign, request), result);
    }
    expect(await inbound.balance(campaign)).toBe('4.00');
  });
});
