import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { Campaign } from '../support/local-stack.ts';
import { rowsOf } from '../support/tables.ts';

/** Contract 1.9: the other inbound routes. */

let inbound: Inbound;
let campaign: Campaign;
beforeAll(async () => {
  inbound = await Inbound.start();
  campaign = await inbound.stack.campaign();
});
afterAll(() => inbound.stop());

test('the status endpoint answers exactly what the documentation promises', async () => {
  const answer = await inbound.stack.request('/api/analytics/postback/test');
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    status: 'online',
    endpoint: '/api/analytics/postback',
    methods: ['GET', 'POST'],
    required_params: ['click_id'],
    optional_params: ['status', 'payout', 'transaction_id', '+ any custom fields'],
  });
});

test('health', async () => {
  expect(await inbound.stack.request('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
});

test('openapi.json describes the inbound paths, their parameters and every code', async () => {
  const { status, body } = await inbound.stack.request('/openapi.json');
  expect(status).toBe(200);
  expect(body.openapi).toMatch(/^3\./);
  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining(['/postback/{key}', '/postback/{key}/{event}', '/api/analytics/postback', '/track/{offer_id}', '/health']),
  );
  expect(JSON.stringify(body.paths['/postback/{key}'])).toMatch(/click_id.*unreplaced_macro/s);
});

describe('the older path', () => {
  const older = '/api/analytics/postback';
  type Way = (parameters: Record<string, string>) => Promise<{ status: number; body: unknown; headers: Headers }>;
  const ways: [way: string, send: Way][] = [
    ['GET with key=', (parameters) => inbound.stack.request(`${older}?${new URLSearchParams({ ...parameters, key: campaign.key })}`)],
    [
      'GET with X-Postback-Key',
      (parameters) => inbound.stack.request(`${older}?${new URLSearchParams(parameters)}`, { headers: { 'X-Postback-Key': campaign.key } }),
    ],
    [
      'POST of a form with key= in the query',
      (parameters) => inbound.stack.request(`${older}?key=${campaign.key}`, { method: 'POST', body: new URLSearchParams(parameters) }),
    ],
    [
      'POST of JSON with X-Postback-Key',
      (parameters) =>
        inbound.stack.request(older, {
          method: 'POST',
          headers: { 'x-postback-key': campaign.key, 'content-type': 'application/json' },
          body: JSON.stringify(parameters),
        }),
    ],
  ];

  test.each(ways)('%s: OK, by the same rules', async (_way, send) => {
    const userId = `user-${Math.random().toString(36).slice(2)}`;
    const sent = { click_id: await campaign.newClick(userId), payout: '5.00', transaction_id: 'T', note: 'a' };
    const answer = await send(sent);
    expect(answer).toMatchObject({ status: 200, body: 'OK' });
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await inbound.newestLog(campaign.key)).toMatchObject({ result: 'accepted', payout: '5', custom_data: { note: 'a' } });
    expect(await send(sent)).toMatchObject({ status: 200, body: 'OK' });
    expect(await inbound.balance({ ...campaign, userId })).toBe('4.00');
  });

  test('treats a postback that came at the other path as the same postback', async () => {
    const sent = { click_id: await campaign.newClick(), payout: '5.00', transaction_id: 'T' };
    await inbound.stack.request(`${older}?${new URLSearchParams({ ...sent, key: campaign.key })}`);
    expect((await inbound.send(campaign.key, sent)).answer.body).toMatchObject({ result: 'duplicate' });
  });

  test.each([
    ['payout=5.00', 400, 'ERROR: click_id required'],
    ['click_id=CLK-NOBODY', 404, 'ERROR: Click not found'],
    ['click_id=CLK-1&payout=x', 400, 'ERROR: payout must be a plain decimal such as 5.00'],
  ])('%s: %d %s', async (query, status, body) => {
    expect(await inbound.stack.request(`${older}?key=${campaign.key}&${query}`)).toMatchObject({ status, body });
  });

  test.each([
    ['no key', ''],
    ['a wrong key', `key=${'x'.repeat(32)}`],
    ['an empty key', 'key='],
  ])('%s: 404', async (_what, query) => {
    expect(await inbound.stack.request(`${older}?click_id=x&${query}`)).toMatchObject({ status: 404, body: 'ERROR: Invalid postback key' });
  });

  test('refuses other methods with the allowed ones', async () => {
    const answer = await inbound.stack.request(`${older}?key=${campaign.key}`, { method: 'PUT' });
    expect(answer).toMatchObject({ status: 405, body: 'ERROR: Use GET or POST' });
    expect(answer.headers.get('allow')).toBe('GET, POST, HEAD');
    expect((await inbound.stack.request(`${older}?key=${campaign.key}`, { method: 'HEAD' })).status).toBe(200);
  });
});

describe('tracking links', () => {
  const fallback = 'https://wall.example/more?u={user_id}&pl={placement_id}&pb={publisher_id}&o={offer_id}&s={sub_id1}&c={click_id}';

  test('lead to the fallback URL of an offer that is inactive or deleted, and record no click', async () => {
    const own = await inbound.stack.campaign({ offer: { target_url: 'https://offers.example/{click_id}', fallback_url: fallback } });
    const path = `/track/${own.offerId}?${new URLSearchParams({ placement_id: own.placementId, user_id: 'a&b', sub1: 's 1' })}`;
    const clickLocation = (await inbound.stack.request(path)).headers.get('location');
    expect(clickLocation).toMatch(/^https:\/\/offers\.example\/CLK-/);
    const expected = `https://wall.example/more?u=a%26b&pl=${own.placementId}&pb=${own.publisherId}&o=${own.offerId}&s=s%201&c=`;

    await inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, { status: 'inactive' });
    const inactive = await inbound.stack.request(path);
    expect([inactive.status, inactive.headers.get('location')]).toEqual([302, expected]);
    expect(inactive.headers.get('cache-control')).toBe('no-store');
    const byHand = { offer_id: own.offerId, placement_id: own.placementId, user_id: 'u' };
    expect((await inbound.stack.admin('POST', '/clicks', byHand)).status).toBe(404);

    await inbound.stack.admin('DELETE', `/offers/${own.offerId}`);
    const deleted = await inbound.stack.request(path);
    expect([deleted.status, deleted.headers.get('location')]).toEqual([302, expected]);
  });

  test('of an inactive offer answer 404 once its fallback URL is cleared', async () => {
    const own = await inbound.stack.campaign({ offer: { target_url: 'https://offers.example/{click_id}', fallback_url: fallback } });
    const { offer, warnings } = await inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, { status: 'inactive' });
    expect(offer.fallback_url).toBe(fallback);
    expect(warnings).toEqual([expect.stringMatching(/^fallback_url: \{click_id\} will be empty/)]);
    await inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, { fallback_url: null });
    expect((await inbound.stack.request(`/track/${own.offerId}?placement_id=${own.placementId}&user_id=u`)).status).toBe(404);
  });

  const target =
    'https://offers.example/go?c={click_id}&u={user_id}&pl={placement_id}&pb={publisher_id}&o={offer_id}&ca={campaign_id}&s={sub_id1}|{sub_id2}|{sub_id5}&t={timestamp}&co={country}';
  const follow = (own: Campaign, query: Record<string, string>) =>
    inbound.stack.request(`/track/${own.offerId}?${new URLSearchParams(query)}`);

  test('record a click, and redirect with every macro filled and encoded', async () => {
    const own = await inbound.stack.campaign({ offer: { target_url: target, campaign_id: 'their offer' } });
    const answer = await follow(own, { placement_id: own.placementId, user_id: 'a&b c/é', sub1: 's 1', sub5: '{x}', country: 'DE' });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const location = new URL(answer.headers.get('location') ?? '');
    const filled = Object.fromEntries(location.searchParams);
    expect(location.href).toMatch(/^https:\/\/offers\.example\/go\?c=CLK-/);
    expect(filled).toMatchObject({
      u: 'a&b c/é',
      pl: own.placementId,
      pb: own.publisherId,
      o: own.offerId,
      ca: 'their offer',
      s: 's 1||{x}',
      co: 'DE',
    });
    expect(filled['c']).toMatch(/^CLK-[0-9A-Z]{26}$/);
    expect(Math.abs(Number(filled['t']) - Date.now() / 1_000)).toBeLessThan(60);
    const { click } = await inbound.stack.adminOk('GET', `/clicks/${filled['c']}`);
    expect(click).toMatchObject({
      user_id: 'a&b c/é',
      sub_id1: 's 1',
      sub_id5: '{x}',
      offer_id: own.offerId,
      publisher_id: own.publisherId,
    });
  });

  test('a postback for the click pays its user', async () => {
    const own = await inbound.stack.campaign({ offer: { target_url: target } });
    const answer = await follow(own, { publisher_id: own.publisherId, user_id: 'tracked' });
    const clickId = new URL(answer.headers.get('location') ?? '').searchParams.get('c') ?? '';
    await inbound.send(own.key, { click_id: clickId, payout: '5.00' });
    expect(await inbound.balance({ ...own, userId: 'tracked' })).toBe('4.00');
  });

  test('give a hundred clicks a hundred ids', async () => {
    const own = await inbound.stack.campaign({ offer: { target_url: 'https://offers.example/{click_id}' } });
    const ids = await Promise.all(
      Array.from({ length: 100 }, async (_, user) =>
        (await follow(own, { placement_id: own.placementId, user_id: `u${user}` })).headers.get('location'),
      ),
    );
    expect(new Set(ids).size).toBe(100);
  });

  test('give a user 60 clicks on an offer in an hour, and then the last of them again', async () => {
    const own = await inbound.stack.campaign({ offer: { target_url: 'https://offers.example/{click_id}/{sub_id1}' } });
    const other = await inbound.stack.campaign({ offer: { target_url: 'https://offers.example/{click_id}' } });
    const clicks: string[] = [];
    for (let count = 1; count <= 63; count += 1) {
      const answer = await follow(own, { publisher_id: own.publisherId, user_id: 'eager', sub1: String(count) });
      expect(answer.status).toBe(302);
      clicks.push(answer.headers.get('location') ?? '');
    }
    // A new hour may have begun meanwhile.
    expect([60, 61, 62, 63]).toContain(new Set(clicks).size);
    if (new Set(clicks).size === 60) {
      expect(clicks[59]).toMatch(/\/60$/);
      expect(clicks.slice(60)).toEqual([clicks[59], clicks[59], clicks[59]]);
      // The API and the links share a count, except for the first five clicks, which each instance counts on its own.
      const wanted = { offer_id: own.offerId, publisher_id: own.publisherId, user_id: 'eager' };
      for (let count = 0; count < 5; count += 1) await inbound.stack.adminOk('POST', '/clicks', wanted);
      const { click } = await inbound.stack.adminOk('POST', '/clicks', wanted);
      expect(clicks[59]).toContain(click.click_id);
    }
    const another = await follow(other, { publisher_id: other.publisherId, user_id: 'eager' });
    expect(clicks.some((location) => location.startsWith(another.headers.get('location') ?? ''))).toBe(false);
  });

  test('never treat the rows that count clicks as clicks', async () => {
    const own = await inbound.stack.campaign();
    for (let count = 0; count < 7; count += 1) await follow(own, { publisher_id: own.publisherId, user_id: 'counted' });
    const counter = (await rowsOf(inbound.stack, 'Clicks')).map(({ click_id }) => String(click_id)).find((id) => id.startsWith('count#'));
    expect(counter).toBeDefined();
    expect((await inbound.stack.admin('GET', `/clicks/${encodeURIComponent(counter ?? '')}`)).status).toBe(404);
    expect((await inbound.send(own.key, { click_id: counter ?? '', payout: '1' })).answer).toMatchObject({
      status: 404,
      body: { code: 'click_not_found' },
    });
  });

  test.each(['user_id', 'sub1', 'sub_id3', 'username'])(
    '%s that would lead elsewhere in the path of a publisher is refused',
    async (name) => {
      const own = await inbound.stack.campaign();
      for (const dots of ['.', '..']) {
        expect((await follow(own, { publisher_id: own.publisherId, user_id: 'u', [name]: dots })).status).toBe(400);
        const ours = name.replace(/^sub(\d)/, 'sub_id$1');
        const body = { offer_id: own.offerId, publisher_id: own.publisherId, user_id: 'u', [ours]: dots };
        expect((await inbound.stack.admin('POST', '/clicks', body)).status).toBe(400);
      }
      expect((await follow(own, { publisher_id: own.publisherId, user_id: 'u', [name]: '...' })).status).toBe(302);
    },
  );

  const refusals: [
    what: string,
    offer: (own: Campaign) => string,
    query: (own: Campaign) => Record<string, string>,
    status: number,
    code: string,
  ][] = [
    ['an unknown offer', () => 'nobody', (own) => ({ placement_id: own.placementId, user_id: 'u' }), 404, 'offer_not_found'],
    ['an offer id that cannot be', () => '%00%20', (own) => ({ placement_id: own.placementId, user_id: 'u' }), 404, 'offer_not_found'],
    ['an unknown placement', (own) => own.offerId, () => ({ placement_id: 'nobody', user_id: 'u' }), 404, 'placement_not_found'],
    ['an unknown publisher', (own) => own.offerId, () => ({ publisher_id: 'nobody', user_id: 'u' }), 404, 'publisher_not_found'],
    [
      "a placement that is not the publisher's",
      (own) => own.offerId,
      (own) => ({ placement_id: own.placementId, publisher_id: 'nobody', user_id: 'u' }),
      404,
      'publisher_not_found',
    ],
    ['neither placement nor publisher', (own) => own.offerId, () => ({ user_id: 'u' }), 404, 'publisher_not_found'],
    ['no user', (own) => own.offerId, (own) => ({ placement_id: own.placementId }), 400, 'invalid_user_id'],
  ];
  test.each(refusals)('%s', async (_what, offer, query, status, code) => {
    const answer = await inbound.stack.request(`/track/${offer(campaign)}?${new URLSearchParams(query(campaign))}`);
    expect(answer).toMatchObject({ status, body: { status: 'error', code } });
  });

  test('an inactive offer', async () => {
    const own = await inbound.stack.campaign({ offer: { status: 'active' } });
    await inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, { status: 'inactive' });
    expect(await follow(own, { placement_id: own.placementId, user_id: 'u' })).toMatchObject({
      status: 404,
      body: { code: 'offer_not_found' },
    });
  });
});

describe('rate limits', () => {
  let limited: Inbound;
  beforeAll(async () => {
    limited = await Inbound.startOwn({ environment: { RATE_PER_KEY: '5', RATE_PER_UNKNOWN_ADDRESS: '2' } });
  });
  afterAll(() => limited.stop());

  test('slow down a key that is used too often, and nobody else', async () => {
    const [one, two] = [await limited.stack.campaign(), await limited.stack.campaign()];
    const answers = await Promise.all(
      Array.from({ length: 25 }, () => limited.stack.postback(one.key, { click_id: one.clickId, payout: '5.00' })),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(10);
    for (const { headers, body } of refused) {
      expect(body).toMatchObject({ status: 'error', code: 'rate_limited' });
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await limited.stack.postback(two.key, { click_id: two.clickId, payout: '5.00' })).status).toBe(200);
    await sleep(1_100);
    expect((await limited.stack.postback(one.key, { click_id: one.clickId, payout: '5.00' })).status).toBe(200);
    expect(await limited.balance(one)).toBe('4.00');
  });

  test('slow down an IP address that guesses keys', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => limited.stack.postback(`guess${index}`.padEnd(32, 'x'), {})),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 404).length).toBeGreaterThanOrEqual(2);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(5);
    expect(statuses.every((status) => status === 404 || status === 429)).toBe(true);
  });
});

describe('the older path with the key in the body', () => {
  test.each([
    ['form', 'application/x-www-form-urlencoded', (key: string, click: string) => `key=${key}&click_id=${click}&payout=1.00`],
    ['JSON', 'application/json', (key: string, click: string) => JSON.stringify({ key, click_id: click, payout: '1.00' })],
  ])('%s', async (_kind, type, bodyOf) => {
    const click = await campaign.newClick();
    const body = bodyOf(campaign.key, click);
    const answer = await inbound.stack.request('/api/analytics/postback', { method: 'POST', headers: { 'content-type': type }, body });
    expect([answer.status, answer.body]).toEqual([200, 'OK']);
    const log = await inbound.newestLog(campaign.key);
    expect(log).toMatchObject({ result: 'accepted', click_id: click, custom_data: {} });
    expect(JSON.stringify(log)).not.toContain(campaign.key);
  });

  test('reads the parameter if the header is empty', async () => {
    const path = `/api/analytics/postback?key=${campaign.key}&click_id=${await campaign.newClick()}&payout=1.00`;
    expect(await inbound.stack.request(path, { headers: { 'x-postback-key': '' } })).toMatchObject({ status: 200, body: 'OK' });
  });
});

test('a target with characters that no header can contain is percent-encoded in the redirect', async () => {
  const own = await inbound.stack.campaign({ offer: { target_url: 'https://t.example/日本?c={click_id}&u={_user_id}' } });
  const path = `/track/${own.offerId}?publisher_id=${own.publisherId}&user_id=${encodeURIComponent('café 日')}`;
  const { status, headers } = await inbound.stack.request(path);
  expect(status).toBe(302);
  expect(headers.get('location')).toMatch(/^https:\/\/t\.example\/%E6%97%A5%E6%9C%AC\?c=CLK-[0-9A-Z]+&u=caf%C3%A9%20%E6%97%A5$/);
});

describe('an address with slashes that it does not have', () => {
  const follow = (path: string) => fetch(`${inbound.stack.url}${path}`);

  test.each([
    ['/docs/', '/docs'],
    ['//docs', '/docs'],
    ['/docs/?q=1', '/docs?q=1'],
    ['//docs//publishers/', '/docs/publishers'],
    ['/admin/', '/admin'],
    ['//admin/', '/admin'],
    ['/openapi.json/', '/openapi.json'],
    ['/llms.txt/', '/llms.txt'],
    ['/health/', '/health'],
    ['/api/analytics/postback/test/', '/api/analytics/postback/test'],
    ['//', '/'],
  ])('%s leads to the page at %s', async (path, page) => {
    const answer = await inbound.stack.request(path);
    expect([answer.status, answer.headers.get('location')]).toEqual([308, page]);
    const [led, plain] = [await follow(path), await follow(page)];
    expect([led.status, await led.text()]).toEqual([200, await plain.text()]);
  });

  test('leads to the offer where it is a tracking link', async () => {
    const own = await inbound.stack.campaign({ offer: { target_url: 'https://offers.example/{click_id}?u={user_id}' } });
    const answer = await inbound.stack.request(`/track/${own.offerId}/?publisher_id=${own.publisherId}&user_id=a%26b`);
    expect(answer.status).toBe(308);
    const followed = await inbound.stack.request(answer.headers.get('location') ?? '');
    expect(followed.headers.get('location')).toMatch(/^https:\/\/offers\.example\/CLK-.+\?u=a%26b$/);
  });

  test.each([
    '//elsewhere.example/',
    '//elsewhere.example/docs/',
    '/%2Felsewhere.example/',
    '/%5Celsewhere.example/',
    '/nothing/',
    '/docsx/',
  ])('%s leads nowhere', async (path) => {
    expect(await inbound.stack.request(path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test.each(['/docs/nothing/', '/docs/nothing'])('%s is still not found', async (path) => {
    expect((await follow(path)).status).toBe(404);
  });
});
