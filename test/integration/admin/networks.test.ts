import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyNetwork } from '../../support/any-network.ts';
import { Inbound } from '../../support/inbound.ts';
import { sentBy } from '../../support/network-side.ts';

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
});
afterAll(() => inbound.stop());

const admin = (method: string, path: string, body?: unknown) => inbound.stack.admin(method, path, body);
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

const wall = {
  network_id: 'my-wall',
  title: 'My wall',
  names: { click_id: ['user'], transaction_id: ['tx'], payout: ['usd'], status: ['state'] },
  custom: ['coins'],
  signing: { in: 'query:sig', algorithm: 'md5', message: '{user}:{tx}:{usd}:{secret}' },
  statuses: { words: { good: 'approved', bad: 'reversed', info: 'log' }, absent: 'held' },
  answer: { accepted: 'GOT {tx}', duplicate: 'AGAIN' },
  paste: ['?user=[USER]&tx=[TX]&usd=[USD]&state=[STATE]&sig=[SIG]'],
};
const signed = (query: string) => {
  const sent = new URLSearchParams(query);
  return `${query}&sig=${md5(`${sent.get('user')}:${sent.get('tx')}:${sent.get('usd')}:s3cret`)}`;
};

describe('networks', () => {
  test('that are built in are listed, read, and neither changed nor deleted', async () => {
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { networks: { network_id: string }[]; next_cursor: string | null } = (
        await admin('GET', `/networks?limit=20${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`)
      ).body;
      expect(page.networks.length).toBeLessThanOrEqual(20);
      ids.push(...page.networks.map(({ network_id }) => network_id));
      cursor = page.next_cursor;
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThanOrEqual(52);
    const { body } = await admin('GET', '/networks/cpx');
    expect(body.network).toMatchObject({ network_id: 'cpx', built_in: true, open: ['click_id', 'payout', 'status'] });
    expect((await admin('PUT', '/networks/cpx', body.network)).body.code).toBe('built_in');
    expect((await admin('DELETE', '/networks/cpx')).body.code).toBe('built_in');
    expect((await admin('POST', '/networks', body.network)).status).toBe(409);
  });

  test('are copied and changed by sending back what was answered, with another id', async () => {
    const { network } = (await admin('GET', '/networks/cpx')).body;
    const { status, body: made } = await admin('POST', '/networks', { ...network, network_id: 'cpx-copy' });
    expect([status, made.network]).toMatchObject([
      201,
      { ...network, network_id: 'cpx-copy', built_in: false, created_at: expect.any(String), updated_at: expect.any(String) },
    ]);
    const shown = (await admin('GET', '/networks/cpx-copy')).body.network;
    const changed = await admin('PUT', '/networks/cpx-copy', { ...shown, title: 'Our copy' });
    expect([changed.status, changed.body.network]).toMatchObject([200, { title: 'Our copy', open: network.open }]);
    expect((await admin('PUT', '/networks/cpx-copy', { ...shown, network_id: 'cpx-other' })).body.message).toMatch(
      /^network_id: must be the one in the path/,
    );
    const request = { url: '?ext_user_id=CLK-1' };
    expect((await admin('POST', '/networks/check', { definition: shown, request })).status).toBe(200);
    expect((await admin('POST', '/networks', { ...shown, network_id: 'x', closed: [] })).body.message).toMatch(/^closed: no such field/);
  });

  test('of your own are added, used by a partner, changed, and deleted when no partner uses them', async () => {
    expect((await admin('POST', '/networks', wall)).status).toBe(201);
    const campaign = await inbound.stack.campaign({ partner: { preset: 'my-wall', signing: { secret: 's3cret' } } });
    const { key, clickId } = campaign;
    const approval = signed(`user=${clickId}&tx=T1&usd=5.00&coins=50`);
    expect((await inbound.stack.postback(key, approval)).status).toBe(200);
    expect(await inbound.newestLog(key)).toMatchObject({ result: 'held', code: 'unknown_status' });
    expect((await inbound.stack.postback(key, `${approval}&state=good`)).body).toBe('GOT T1');
    expect((await inbound.stack.postback(key, `${approval}&state=good`)).body).toBe('AGAIN');
    expect(await inbound.balance(campaign)).toBe('4.00');
    expect((await inbound.stack.postback(key, `${approval.replace('5.00', '9.00')}&state=good`)).status).toBe(403);
    expect((await inbound.stack.postback(key, `${approval}&state=info`)).status).toBe(200);
    expect(await inbound.newestLog(key)).toMatchObject({ result: 'logged' });
    expect((await admin('DELETE', '/networks/my-wall')).body.code).toBe('in_use');
    const { network_id: _id, ...body } = wall;
    expect((await admin('PUT', '/networks/my-wall', { ...body, title: 'Renamed' })).body.network.title).toBe('Renamed');
    await admin('DELETE', `/partners/${campaign.partnerId}`);
    expect((await admin('DELETE', '/networks/my-wall')).status).toBe(204);
    expect((await admin('GET', '/networks/my-wall')).status).toBe(404);
  });

  test.each([
    ['signing.message', { ...wall, signing: { ...wall.signing, message: '{user}' } }],
    ['signing.message', { ...wall, signing: { ...wall.signing, message: '{user}{unclosed{secret}' } }],
    ['signing.algorithm', { ...wall, signing: { ...wall.signing, algorithm: 'crc32' } }],
    ['names.payout', { ...wall, names: { ...wall.names, payout: ['user'] } }],
    ['colour', { ...wall, colour: 'red' }],
    ['signing.colour', { ...wall, signing: { ...wall.signing, colour: 'red' } }],
    ['answer.content_type', { ...wall, answer: { content_type: 'text/html' } }],
    ['addresses', { ...wall, addresses: ['300.1.1.1'] }],
    ['network_id', { ...wall, network_id: 'My Wall' }],
  ])('are refused naming %s', async (field, body) => {
    const answer = await admin('POST', '/networks', body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_body']);
    expect(answer.body.message).toContain(field);
  });

  test('are tried with a request that somebody pastes, without storing anything', async () => {
    const { network_id: _id, ...rest } = wall;
    const url = `https://pb.example.com/postback/KEY?${signed('user=CLK-1&tx=T1&usd=5.00')}&state=good&event=purchase`;
    const { body } = await admin('POST', '/networks/check', {
      definition: { network_id: 'x', ...rest },
      secret: 's3cret',
      request: { url },
    });
    expect(body).toMatchObject({
      verified: true,
      signed_text: 'CLK-1:T1:5.00:s3cret',
      expected: md5('CLK-1:T1:5.00:s3cret'),
      received: md5('CLK-1:T1:5.00:s3cret'),
      understood: {
        click_id: 'CLK-1',
        transaction_id: 'T1',
        payout: '5',
        status: 'approved',
        event: 'purchase',
        held_for: 'unsigned_value',
      },
      unsigned: ['event'],
      answer: 'GOT T1',
    });
    const near = await admin('POST', '/networks/check', { network: 'lootably', request: { url: '?userID=C&amp;Status=0' } });
    expect(near.body).toMatchObject({ verified: null, understood: { status: 'reversed' } });
    expect(near.body.warnings.join(' ')).toMatch(/&amp;.*name was not exact/);
  });
});

describe('a partner', () => {
  test('of a network that signs, without its secret, is created with a warning; with it, what stays open is said', async () => {
    const make = async (body: object) => (await inbound.stack.adminOk('POST', '/partners', { partner_name: 'W', ...body })).warnings;
    expect((await make({ preset: 'cpx' })).join()).toMatch(/without its secret/);
    expect((await make({ preset: 'cpx', signing: { secret: 'x' } })).join()).toMatch(/click_id, payout, status.*ip_policy/);
    expect(await make({ preset: 'cpx', signing: { secret: 'x' }, ip_policy: 'enforce' })).toEqual([]);
    expect(await make({ preset: 'bitlabs', signing: { secret: 'x' } })).toEqual([]);
    expect(await make({})).toEqual([]);
  });

  test('without a network defines in `signing` how it signs', async () => {
    const campaign = await inbound.stack.campaign({
      partner: { signing: { secret: 's3cret', in: 'query:sig', algorithm: 'sha256', message: '{click_id}{payout}{secret}' } },
    });
    const sig = createHash('sha256').update(`${campaign.clickId}5.00s3cret`).digest('hex');
    const sent = { click_id: campaign.clickId, payout: '5.00' };
    expect((await inbound.stack.postback(campaign.key, { ...sent, sig: `sha256=${sig.toUpperCase()}` })).status).toBe(200);
    expect((await inbound.stack.postback(campaign.key, { ...sent, payout: '6.00', sig })).body.code).toBe('signature_invalid');
    expect(await inbound.balance(campaign)).toBe('4.00');
  });

  test('is tried with its signature where one is sent, and is told what a real postback must carry', async () => {
    const { partnerId, clickId } = await inbound.stack.campaign({ partner: { preset: 'lootably', signing: { secret: 's3cret' } } });
    const params = { userID: clickId, transactionID: 'T', ip: '203.0.113.9', revenue: '5.00', currencyReward: '5', status: '1' };
    const hash = createHash('sha256').update(`${clickId}203.0.113.95.005s3cret`).digest('hex');
    const tryIt = async (more: object) =>
      (await admin('POST', '/postback-receiver/test', { partner_id: partnerId, params: { ...params, ...more } })).body;
    expect(await tryIt({ hash })).toMatchObject({ success: true, result: 'accepted', not_checked: ['address'], warnings: [] });
    expect(await tryIt({ hash: 'forged' })).toMatchObject({ success: false, http_status: 403, code: 'signature_invalid' });
    const without = await tryIt({ 'amp;Status': 'x' });
    expect(without.not_checked).toEqual(['signature', 'address']);
    expect(without.warnings.join()).toMatch(/must also carry hash/);
    expect(await tryIt({ event: 'purchase' })).toMatchObject({ result: 'held', code: 'unsigned_value' });
    const { status: _status, ...rest } = params;
    const near = await admin('POST', '/postback-receiver/test', { partner_id: partnerId, params: { ...rest, Status: '1' } });
    expect(near.body).toMatchObject({ result: 'accepted', flags: ['near_miss_name'] });
  });
});

const invented = fc
  .sample(anyNetwork, { seed: 11, numRuns: 25 })
  .map((network, index) => ({ ...network, network_id: `invented-${index}` }));

test.each(invented)('a network that nobody has seen is added and works: $network_id', async (network) => {
  expect((await admin('POST', '/networks', network)).body).toMatchObject({ network: { network_id: network.network_id } });
  const campaign = await inbound.stack.campaign({ partner: { preset: network.network_id, signing: { secret: 's3cret' } } });
  const send = async (means: 'approve' | 'reverse', secret: string) => {
    const { key, clickId } = campaign;
    const payment = { clickId, transaction: 'T-1', means };
    const request = sentBy(network, payment, secret, `${inbound.stack.url}/postback/${key}`, Date.now());
    if (request === undefined) throw new Error(`it cannot ${means}`);
    return inbound.stack.postback(key, request.query, request.options);
  };
  expect(await send('approve', 'another')).toMatchObject({ status: 403, body: { code: 'signature_invalid' } });
  expect(await send('approve', 's3cret')).toMatchObject({ status: 200, body: { result: 'accepted' } });
  expect(await inbound.balance(campaign)).toBe('4.00');
  expect(await send('reverse', 's3cret')).toMatchObject({ status: 200, body: { result: 'accepted' } });
  expect(await inbound.balance(campaign)).toBe('0.00');
});
