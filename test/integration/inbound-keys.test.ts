import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { AnyBody } from '../support/local-stack.ts';
import { everythingStored } from '../support/tables.ts';

/** Contract 1.3: keys. */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
});
afterAll(() => inbound.stop());

const issue = (partnerId: string, more: object = {}): Promise<AnyBody> =>
  inbound.stack.adminOk('POST', '/postback-receiver/generate-key', { partner_id: partnerId, ...more });
const keysOf = async (partnerId: string): Promise<AnyBody[]> => (await inbound.stack.adminOk('GET', `/partners/${partnerId}/keys`)).keys;

test('a key is 32 URL-safe characters, and its URL is ready to use', async () => {
  const { partnerId } = await inbound.stack.campaign();
  const { unique_key, postback_url } = await issue(partnerId, { label: 'backup' });
  expect(unique_key).toMatch(/^[A-Za-z0-9_-]{32}$/);
  expect(postback_url).toBe(`${inbound.stack.url}/postback/${unique_key}`);
});

test('several keys with labels work at the same time, and the log says which one was used', async () => {
  const { partnerId, key, newClick } = await inbound.stack.campaign();
  const backup = await issue(partnerId, { label: 'backup' });
  for (const used of [key, backup.unique_key]) {
    expect((await inbound.send(used, { click_id: await newClick(), payout: '5.00' })).answer.body.result).toBe('accepted');
  }
  const { log } = await inbound.send(backup.unique_key, { click_id: await newClick(), payout: '5.00' });
  expect(log.key_id).toBe(backup.key_id);
  const listed = await keysOf(partnerId);
  expect(listed.map(({ label, status }) => `${label} ${status}`).sort()).toEqual(['backup active', 'production active']);
});

describe('rotation', () => {
  test('without grace ends the old key at once', async () => {
    const { partnerId, key, clickId, publisherId, userId } = await inbound.stack.campaign();
    const { unique_key: next } = await issue(partnerId);
    const answer = await inbound.stack.postback(key, { click_id: clickId, payout: '5.00' });
    expect(answer).toMatchObject({ status: 404, body: { status: 'error', code: 'invalid_key', message: 'Invalid postback key' } });
    expect(await inbound.balance({ partnerId, publisherId, userId })).toBe('0.00');
    expect((await inbound.send(next, { click_id: clickId, payout: '5.00' })).answer.body.result).toBe('accepted');
  });

  test('with a grace period keeps the old key alive until the period ends', async () => {
    const { partnerId, key, newClick } = await inbound.stack.campaign();
    const { unique_key: next } = await issue(partnerId, { grace_seconds: 3 });
    const answers = async () =>
      Promise.all(
        [key, next].map(async (used) => (await inbound.stack.postback(used, { click_id: await newClick(), payout: '5.00' })).status),
      );
    expect(await answers()).toEqual([200, 200]);
    await sleep(3_100);
    expect(await answers()).toEqual([404, 200]);
    expect((await keysOf(partnerId)).map(({ status }) => status).sort()).toEqual(['active', 'expired']);
  });

  test('touches no key with another label', async () => {
    const { partnerId, key, clickId } = await inbound.stack.campaign();
    await issue(partnerId, { label: 'backup' });
    await issue(partnerId, { label: 'backup' });
    expect((await inbound.send(key, { click_id: clickId, payout: '5.00' })).answer.body.result).toBe('accepted');
  });
});

test('a revoked key answers 404 and pays nothing; the others go on', async () => {
  const campaign = await inbound.stack.campaign();
  const backup = await issue(campaign.partnerId, { label: 'backup' });
  await inbound.stack.adminOk('DELETE', `/partners/${campaign.partnerId}/keys/${backup.key_id}`);
  const answer = await inbound.stack.postback(backup.unique_key, { click_id: campaign.clickId, payout: '5.00' });
  expect(answer).toMatchObject({ status: 404, body: { code: 'invalid_key' } });
  expect(await inbound.balance(campaign)).toBe('0.00');
  expect((await inbound.send(campaign.key, { click_id: campaign.clickId, payout: '5.00' })).answer.body.result).toBe('accepted');
});

test.each(['unknownunknownunknownunknown1234', 'short', 'a'.repeat(33), "' OR 1=1 --", '%00', 'ключ'])('key %s is unknown', async (key) => {
  const answer = await inbound.stack.postback(encodeURIComponent(key), { click_id: 'CLK-1', payout: '5.00' });
  expect(answer).toMatchObject({ status: 404, body: { status: 'error', code: 'invalid_key', message: 'Invalid postback key' } });
});

describe('a staging key', () => {
  test('makes every postback a test: nothing is converted, credited or forwarded', async () => {
    const campaign = await inbound.stack.campaign();
    const { unique_key: staging } = await issue(campaign.partnerId, { label: 'staging' });
    for (const status of ['approved', 'reversed', 'nonsense']) {
      const { answer, log } = await inbound.send(staging, { click_id: campaign.clickId, payout: '5.00', status });
      expect(answer).toMatchObject({ status: 200, body: { result: 'test' } });
      expect(log).toMatchObject({ result: 'test', staging: true });
    }
    expect(await inbound.conversions(campaign.partnerId)).toEqual([]);
    expect(await inbound.balance(campaign)).toBe('0.00');
  });

  test('does not prevent the real postback', async () => {
    const campaign = await inbound.stack.campaign();
    const { unique_key: staging } = await issue(campaign.partnerId, { label: 'staging' });
    const same = { click_id: campaign.clickId, payout: '5.00', transaction_id: 'T-1' };
    await inbound.send(staging, same);
    expect((await inbound.send(campaign.key, same)).answer.body.result).toBe('accepted');
    expect(await inbound.balance(campaign)).toBe('4.00');
  });
});

test('the list shows a prefix, and when a key was last used', async () => {
  const { partnerId, key, clickId } = await inbound.stack.campaign();
  expect(await keysOf(partnerId)).toMatchObject([{ prefix: key.slice(0, 6), last_used_at: null }]);
  await inbound.send(key, { click_id: clickId, payout: '5.00' });
  await inbound.stack.eventually(async () =>
    expect(await keysOf(partnerId)).toMatchObject([{ last_used_at: expect.stringMatching(/^2\d{3}-/) }]),
  );
});

describe('nobody ever sees a whole key', () => {
  /** Ways in which a partner's system may send the key in places where it does not belong. */
  const slips: [where: string, send: (key: string, clickId: string) => Promise<unknown>][] = [
    ['in the path', (key, clickId) => inbound.stack.postback(key, { click_id: clickId, payout: '5.00' })],
    ['in the path with an error', (key) => inbound.stack.postback(key, 'payout=x')],
    ['in the path with a wrong method', (key) => inbound.stack.postback(key, 'payout=x', { method: 'DELETE' })],
    [
      'in the query of the older address',
      (key, clickId) => inbound.stack.request(`/api/analytics/postback?click_id=${clickId}&payout=5&key=${key}`),
    ],
    ['under an encoded name', (key, clickId) => inbound.stack.request(`/api/analytics/postback?click_id=${clickId}&payout=5&k%65y=${key}`)],
    [
      'with an encoded letter',
      (key, clickId) =>
        inbound.stack.request(`/api/analytics/postback?click_id=${clickId}&payout=5&key=%${key.charCodeAt(0).toString(16)}${key.slice(1)}`),
    ],
    [
      'in a header',
      (key, clickId) =>
        inbound.stack.request(`/api/analytics/postback?click_id=${clickId}&payout=5`, { headers: { 'X-Postback-Key': key } }),
    ],
    [
      'in the header, and again in the query',
      (key, clickId) =>
        inbound.stack.request(`/api/analytics/postback?click_id=${clickId}&payout=5&key=${key}`, { headers: { 'X-Postback-Key': key } }),
    ],
    ['in the path, and again in the query', (key, clickId) => inbound.stack.postback(key, { click_id: clickId, payout: '5.00', key })],
    [
      'as a value of its own',
      (key, clickId) => inbound.stack.postback(key, { click_id: clickId, payout: '5.00', called: `https://x/postback/${key}?a=b` }),
    ],
    [
      'in the Referer',
      (key, clickId) =>
        inbound.stack.postback(key, { click_id: clickId, payout: '5.00' }, { headers: { referer: `https://x/postback/${key}` } }),
    ],
    [
      'in a form',
      (key, clickId) =>
        inbound.stack.postback(key, {}, { method: 'POST', body: new URLSearchParams({ click_id: clickId, payout: '5', key }) }),
    ],
    [
      'in a JSON body',
      (key, clickId) =>
        inbound.stack.postback(key, {}, { method: 'POST', body: JSON.stringify({ click_id: clickId, payout: '5', nested: { key } }) }),
    ],
    ['as a standard value', (key, clickId) => inbound.stack.postback(key, { click_id: clickId, payout: '5.00', transaction_id: key })],
    ['as the event', (key, clickId) => inbound.stack.postback(key, { click_id: clickId, payout: '5.00' }, { event: key })],
  ];

  test.each(slips)('sent %s', async (_where, send) => {
    const { partnerId, key, clickId } = await inbound.stack.campaign();
    await send(key, clickId);
    const logs = await inbound.logs(partnerId);
    expect(logs).toHaveLength(1);
    const shown = [
      ...['receiver', 'processor', 'admin', 'authorizer', 'tracker', 'sweeper'].flatMap((name) => inbound.stack.system.log(name)),
      ...(await Promise.all(
        [
          `/received-postbacks/${logs[0].log_id}`,
          `/received-postbacks?unique_key=${key}`,
          `/partners/${partnerId}/keys`,
          `/partners/${partnerId}`,
          '/audit',
          `/conversions?partner_id=${partnerId}`,
        ].map(async (path) => `${path.split('?')[0]} ${JSON.stringify((await inbound.stack.admin('GET', path)).body)}`),
      )),
      await everythingStored(inbound.stack),
    ].join('\n');
    // Bodies are kept in Base64, whose letters depend on where in a group of three bytes the key begins.
    const plain = shown.replace(
      /"body":"([^"]+)"/g,
      (_, body) => `"body":${JSON.stringify(Buffer.from(body, 'base64').toString('latin1'))}`,
    );
    const at = plain.indexOf(key);
    expect(at === -1 ? '' : plain.slice(Math.max(0, at - 80), at)).toBe('');
    expect(plain).toContain(key.slice(0, 6));
  });

  test('an unknown key is counted and logged without its parameters', async () => {
    const lines = () => inbound.stack.system.log('receiver').filter((line) => line.includes('"unknown_key"'));
    const before = lines().length;
    await inbound.stack.postback('unknownunknownunknownunknown1234', { click_id: 'CLK-SECRET', payout: '5.00' });
    await inbound.stack.eventually(() => expect(lines()).toHaveLength(before + 1));
    expect(inbound.stack.system.log('receiver').join('\n')).not.toMatch(/CLK-SECRET|unknownunknown/);
  });
});
