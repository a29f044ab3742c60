import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { builtInNetworks } from '../../functions/domain/networks/built-in.ts';
import type { Network } from '../../functions/domain/networks/network.ts';
import { Inbound } from '../support/inbound.ts';
import type { AnyBody, Campaign } from '../support/local-stack.ts';
import { canReverse, type Payment, sentBy } from '../support/network-side.ts';
import { networkVectors, type SignedVector, withSignature } from '../support/network-vectors.ts';

/** Every built-in network over HTTP, with its pasted template filled in as the network does (contract 1.8). */

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

async function send(network: Network, { key, clickId }: Campaign, means: Payment['means'], with_ = secret, added = ''): Promise<AnyBody> {
  const base = `${inbound.stack.url}/postback/${key}`;
  const request = sentBy(network, { clickId, transaction: 'T-1', means }, with_, base, Date.now());
  if (request === undefined) throw new Error(`${network.network_id} cannot ${means}`);
  return inbound.stack.postback(key, `${request.query}${added}`, request.options);
}

const wanted = ({ answer }: Network, result: 'accepted' | 'duplicate'): string | undefined => {
  const text = (result === 'duplicate' ? answer?.duplicate : undefined) ?? answer?.accepted ?? undefined;
  return text?.replace('{eventId}', 'T-1');
};

/** Sends the request of a vector unchanged, except for the parts that contain our URL, since no network's example knows our keys. */
async function playSigned(network: Network, vector: SignedVector): Promise<void> {
  const { origin, search } = new URL(vector.url);
  // The signature is checked before the click, so neither an offer nor a publisher is needed.
  const { partnerId, key } = await inbound.stack.partner({
    preset: network.network_id,
    signing: { secret: vector.secret },
    public_base_url: origin,
  });
  const [address] = vector.url.split('?');
  const addressed = { ...vector, url: `${origin}/postback/${key}${search}`, headers: { ...vector.headers } };
  let digest = vector.digest;
  const text = vector.text ?? (vector.method === 'POST' ? undefined : vector.url);
  const ours = text?.replace(address ?? '', `${origin}/postback/${key}`).replace('/postback/KEY', `/postback/${key}`);
  if (text !== undefined && ours !== undefined && ours !== text) {
    // The vector shows what the digest is made of, before it is made from our URL.
    expect(digestOf(network, vector.secret, text)).toBe(vector.digest);
    const now = String(Math.floor(Date.now() / 1_000));
    const at = String(vector.at ?? '');
    for (const [name, value] of Object.entries(addressed.headers)) if (value === at) addressed.headers[name] = now;
    digest = digestOf(network, vector.secret, at === '' ? ours : ours.replace(at, now));
  }
  const post = async (sealed: string): Promise<AnyBody> => {
    const { method, url, headers, body } = withSignature(network, addressed, sealed);
    const type = body === '' ? {} : { 'content-type': 'application/json' };
    const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
    const options = { method, headers: { ...headers, ...type }, ...(body !== '' && { body }) };
    const answer = await inbound.stack.postback(key, query, options);
    return { status: answer.status, log: await inbound.logOf(answer) };
  };
  const believed = await post(digest);
  const { click_id, transaction_id, status, payout } = believed.log;
  expect(believed.status).not.toBe(403);
  expect({ click_id, transaction_id, status, payout }).toEqual(vector.understood);
  expect(await post(digest.startsWith('0') ? `1${digest.slice(1)}` : `0${digest.slice(1)}`)).toMatchObject({
    status: 403,
    log: { code: 'signature_invalid' },
  });
  expect(await inbound.conversionsStored(partnerId)).toEqual([]);
}

/** Calculated by the runtime itself, because tests do not trust the code that they test. */
function digestOf({ signing }: Network, sealedWith: string, text: string): string {
  const { algorithm = '', encoding = 'hex' } = signing ?? {};
  if (algorithm.startsWith('hmac-')) return createHmac(algorithm.slice(5), sealedWith).update(text).digest(encoding);
  return createHash(algorithm).update(text).digest(encoding);
}

/** Without a secret only the words matter; each is about a click and a user of its own. */
async function playSayings(network: Network): Promise<void> {
  const { says } = networkVectors.get(network.network_id) ?? { says: [] };
  const campaign = await inbound.stack.campaign({
    partner: { preset: network.network_id },
    offer: { revenue_share_percent: 0, payout: '4.00' },
  });
  const clicks = await Promise.all(
    says.map(async ({ query, event, body }, index) => {
      const clickId = await campaign.newClick(`user-${index}`);
      const own = (text: string): string => text.replace(/(?<==|")C(?=&|"|$)/, clickId);
      const posted = body !== undefined && { method: 'POST', headers: { 'content-type': 'application/json' }, body: own(body) };
      const answer = await inbound.stack.postback(campaign.key, own(query), { ...(event !== undefined && { event }), ...posted });
      expect(answer.status).toBe(200);
      return clickId;
    }),
  );
  const logs = await inbound.logs(campaign.partnerId);
  await inbound.balance(campaign);
  const points = await Promise.all(says.map((_, index) => inbound.stack.points(campaign.publisherId, `user-${index}`)));
  for (const [index, { name, understood }] of says.entries()) {
    const clickId = clicks[index] ?? '';
    const log = logs.find(({ click_id }) => click_id === clickId);
    const { status, payout = log?.payout, transaction_id = log?.transaction_id, held_for = null } = understood;
    const result = held_for === null ? ({ log: 'logged', test: 'test' }[String(status)] ?? 'accepted') : 'held';
    expect({ name, ...log }).toMatchObject({ name, result, code: held_for, payout });
    if (status !== 'log' && status !== undefined && held_for === null) expect({ name, status: log?.status }).toEqual({ name, status });
    if (transaction_id !== null) expect({ name, transaction: log?.transaction_id }).toEqual({ name, transaction: transaction_id });
    if (status !== undefined)
      expect({ name, paid: points[index].balance }).toEqual({ name, paid: status === 'approved' ? '4.00' : '0.00' });
  }
}

describe.each([...builtInNetworks.values()].map((network) => [network.network_id, network] as const))('%s', (_id, network) => {
  test('the pasted URL, filled in as the network does, is accepted, paid once, answered as the network expects, and finally taken back', async () => {
    const campaign = await campaignOf(network);
    for (const result of ['accepted', 'duplicate'] as const) {
      const answer = await send(network, campaign, 'approve');
      const log = await inbound.logOf(answer);
      expect([answer.status, log.result, log.code, log.flags]).toEqual([200, result, null, log.flags]);
      expect(log.flags.filter((flag: string) => flag !== 'address_not_listed' && flag !== 'offer_mismatch')).toEqual([]);
      const text = wanted(network, result);
      if (text === undefined) expect(answer.body).toMatchObject({ status: 'success', result });
      else expect(answer.body).toBe(text);
      expect(await inbound.balance(campaign)).toBe('4.00');
    }
    if (canReverse(network)) {
      const answer = await send(network, campaign, 'reverse');
      expect(answer.status).toBe(200);
      expect(await inbound.logOf(answer)).toMatchObject({ result: 'accepted' });
    } else {
      const [{ conversion_id }] = await inbound.conversions(campaign.partnerId);
      await inbound.stack.adminOk('POST', `/conversions/${encodeURIComponent(conversion_id)}/status`, {
        status: 'reversed',
        reason: 'fraud',
      });
    }
    expect(await inbound.balance(campaign)).toBe('0.00');

    // The old request with an addition is not a new payment.
    const again = await send(network, campaign, 'approve', secret, '&zz=1');
    expect((await inbound.logOf(again)).result).toMatch(/^(?:duplicate|held|error)$/);
    expect(await inbound.balance(campaign)).toBe('0.00');
  });

  test('its test mark pays nothing, forged and unsigned requests are refused, and neither the log nor an answer shows a secret', async () => {
    if (network.test === undefined && !needsSecret(network)) return;
    const campaign = await campaignOf(network);
    if (network.test !== undefined) {
      const answer = await send(network, campaign, 'test');
      expect(answer.status).toBe(200);
      expect(await inbound.logOf(answer)).toMatchObject({ result: 'test' });
    }
    if (needsSecret(network)) {
      const answer = await send(network, campaign, 'approve', 'another-secret');
      expect([answer.status, answer.body.code]).toEqual([403, 'signature_invalid']);
    }
    expect(await inbound.conversionsStored(campaign.partnerId)).toEqual([]);
    if (network.shared_secret === undefined) return;
    await send(network, campaign, 'approve');
    for (const log of await inbound.logs(campaign.partnerId)) {
      const whole = JSON.stringify(await inbound.log(log.log_id));
      expect(whole).not.toMatch(/s3cret-of-the-network|another-secret/);
    }
  });

  test('a request signed as its documentation says is accepted, and a forged one is refused', async () => {
    await Promise.all((networkVectors.get(network.network_id)?.signed ?? []).map((vector) => playSigned(network, vector)));
  });

  test('each of its words is understood, and only an approval is paid', async () => {
    await playSayings(network);
  });

  test('the postback URL that a key is issued with is its template', async () => {
    const { key, issued } = await inbound.stack.partner({ preset: network.network_id });
    const base = `${inbound.stack.url}/postback/${key}`;
    expect(issued.postback_urls).toEqual((network.paste ?? ['']).map((template) => `${base}${template}`));
    expect(issued.postback_url).toBe(issued.postback_urls[0]);
  });
});
