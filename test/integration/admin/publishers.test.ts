import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { LocalStack } from '../../support/local-stack.ts';

let stack: LocalStack;
let viewer: string;
beforeAll(async () => {
  stack = await LocalStack.start();
  viewer = (await stack.adminOk('POST', '/tokens', { name: 'looks', role: 'viewer' })).token.token;
});
afterAll(() => stack?.stop());

const publisher = (body: object = {}) => stack.admin('POST', '/publishers', { name: 'A publisher', ...body });
const requestsTo = (path: string) => stack.publisher.requests.filter((request) => request.path === path);

describe('a publisher', () => {
  test('is created with every field at its default, and its secret is shown once', async () => {
    const { status, body } = await publisher();
    expect(status).toBe(201);
    expect(body).toEqual({
      publisher: {
        publisher_id: expect.stringMatching(/^PUBLISHER-[0-9A-Z]{26}$/),
        name: 'A publisher',
        postback_url: null,
        postback_method: 'GET',
        postbacks: [],
        forward_statuses: ['pending', 'approved', 'rejected', 'reversed'],
        payout_overrides: {},
        signing: { secrets: 1 },
        endpoint: { state: 'active', reason: null, since: null, consecutive_failures: 0 },
        secret: body.secret,
        created_at: expect.any(String),
        updated_at: body.publisher.created_at,
      },
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
      warnings: [],
    });
    const { secret, ...known } = body.publisher;
    const shown = await stack.adminOk('GET', `/publishers/${known.publisher_id}`);
    expect(shown.publisher).toEqual(known);
    const everything = JSON.stringify(await Promise.all(['/publishers', '/audit'].map((path) => stack.adminOk('GET', path))));
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain('whsec_');
  });

  test('keeps its own terms and settings', async () => {
    const sent = {
      publisher_id: 'wishes',
      postback_url: 'https://pub.example/cb?c={click_id}',
      postback_method: 'POST',
      forward_statuses: ['approved', 'reversed', 'approved'],
      payout_overrides: { 'offer-1': { percent: 85.5 }, 'offer-2': { fixed: '1.25' } },
    };
    expect((await publisher(sent)).body.publisher).toMatchObject({
      ...sent,
      forward_statuses: ['approved', 'reversed'],
      payout_overrides: { 'offer-1': { percent: '85.5' }, 'offer-2': { fixed: '1.25' } },
    });
  });

  test.each([
    ['name', { name: '' }],
    ['postback_url', { postback_url: 'pub.example/cb' }],
    ['postback_url', { postback_url: 'https://user:pass@pub.example/' }],
    ['postback_url', { postback_url: 'https://{user_id}.pub.example/' }],
    ['postback_method', { postback_method: 'PUT' }],
    ['forward_statuses.0', { forward_statuses: ['held'] }],
    ['payout_overrides.o', { payout_overrides: { o: {} } }],
    ['payout_overrides.o', { payout_overrides: { o: { percent: 1, fixed: 1 } } }],
    ['payout_overrides.o.percent', { payout_overrides: { o: { percent: 101 } } }],
    ['secret', { secret: 'whsec_mine' }],
  ])('is refused with 400 naming %s: %j', async (field, body) => {
    const answer = await publisher(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_body']);
    expect(answer.body.message).toContain(`${field}:`);
  });

  test('is saved with a warning about macros that are never filled', async () => {
    const { body } = await publisher({ postback_url: 'https://pub.example/?c={click_id}&x={_mystery}&p={points}' });
    expect(body.warnings).toEqual([expect.stringContaining('mystery')]);
    const changed = await stack.adminOk('PATCH', `/publishers/${body.publisher.publisher_id}`, {
      postback_url: 'https://pub.example/?c={other}',
    });
    expect(changed.warnings).toEqual([expect.stringContaining('{other}')]);
  });

  test('is changed field by field, and null clears', async () => {
    const { body } = await publisher({ postback_url: 'https://pub.example/', postback_method: 'POST', forward_statuses: ['approved'] });
    const id = body.publisher.publisher_id;
    const { publisher: changed } = await stack.adminOk('PATCH', `/publishers/${id}`, {
      name: 'New',
      postback_url: null,
      forward_statuses: null,
    });
    expect(changed).toMatchObject({
      name: 'New',
      postback_url: null,
      postback_method: 'POST',
      forward_statuses: ['pending', 'approved', 'rejected', 'reversed'],
    });
    expect((await stack.admin('PATCH', `/publishers/${id}`, { colour: 'red' })).status).toBe(400);
  });

  test('whose id is taken is refused, and one that does not exist is not found', async () => {
    await publisher({ publisher_id: 'taken' });
    expect((await publisher({ publisher_id: 'taken' })).body.code).toBe('already_exists');
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { name: 'x' }],
      ['POST', '/pause', undefined],
      ['POST', '/resume', undefined],
      ['POST', '/rotate-secret', undefined],
      ['POST', '/test-delivery', undefined],
    ] as const) {
      const answer = await stack.admin(method, `/publishers/nobody${path}`, body);
      expect([answer.status, answer.body.code]).toEqual([404, 'publisher_not_found']);
    }
  });

  test('can be seen by a viewer but not changed', async () => {
    const id = (await publisher()).body.publisher.publisher_id;
    expect((await stack.admin('GET', `/publishers/${id}`, undefined, viewer)).status).toBe(200);
    expect((await stack.admin('GET', '/publishers', undefined, viewer)).status).toBe(200);
    for (const [method, path] of [
      ['POST', '/publishers'],
      ['PATCH', `/publishers/${id}`],
      ['POST', `/publishers/${id}/pause`],
      ['POST', `/publishers/${id}/resume`],
      ['POST', `/publishers/${id}/rotate-secret`],
      ['POST', `/publishers/${id}/test-delivery`],
    ] as const) {
      expect((await stack.admin(method, path, {}, viewer)).body.code).toBe('forbidden');
    }
  });
});

describe('the endpoint of a publisher', () => {
  test('holds its deliveries while it is paused, and lets them go when it is resumed', async () => {
    const { key, clickId, publisherId, userId } = await stack.campaign();
    const paused = await stack.adminOk('POST', `/publishers/${publisherId}/pause`);
    expect(paused.publisher.endpoint).toMatchObject({ state: 'paused', reason: 'manual', since: expect.any(String) });
    await stack.postback(key, { click_id: clickId, payout: '5.00' });
    await stack.eventually(async () => expect(Number((await stack.points(publisherId, userId)).balance)).toBe(4));
    await stack.eventually(async () => {
      const { logs } = await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${publisherId}`);
      expect(logs).toMatchObject([{ status: 'held' }]);
    });
    const sentTo = () => stack.publisher.requests.filter(({ query }) => query.get('click_id') === clickId);
    expect(sentTo()).toHaveLength(0);
    const resumed = await stack.adminOk('POST', `/publishers/${publisherId}/resume`);
    expect(resumed).toMatchObject({ publisher: { endpoint: { state: 'active', reason: null } }, released: 1 });
    await stack.eventually(() => expect(sentTo()).toHaveLength(1));
    const { entries } = await stack.adminOk('GET', `/audit?kind=publisher&id=${publisherId}`);
    expect(entries.map(({ action }: { action: string }) => action)).toEqual(['publisher.resumed', 'publisher.paused', 'publisher.created']);
  });

  test('gets one signed request with sample values when it is tested', async () => {
    const url = `${stack.publisher.url}/tried?c={click_id}&p={points}&s={status}&d={delivery_id}`;
    const { body } = await publisher({ postback_url: url });
    const { attempt } = await stack.adminOk('POST', `/publishers/${body.publisher.publisher_id}/test-delivery`);
    const [received] = requestsTo('/tried');
    expect(attempt).toEqual({
      delivered: true,
      postback_id: null,
      headers: expect.objectContaining({ 'webhook-id': expect.stringMatching(/^TEST-/) }),
      body: null,
      delivery_id: expect.stringMatching(/^TEST-/),
      url: `${stack.publisher.url}${received?.target}`,
      method: 'GET',
      code: 'http_200',
      http_status: 200,
      duration_ms: expect.any(Number),
      answer: 'OK',
    });
    expect(Object.fromEntries(received?.query ?? [])).toEqual({ c: 'TEST-CLICK', p: '1.00', s: 'approved', d: attempt.delivery_id });
    expect(received?.headers).toMatchObject({ 'webhook-id': attempt.delivery_id, 'webhook-signature': expect.stringMatching(/^v1,/) });
  });

  test('shows what went wrong when it is tested, and its health does not change', async () => {
    const { body } = await publisher({ postback_url: 'http://127.0.0.1:1/nobody', postback_method: 'POST' });
    const id = body.publisher.publisher_id;
    const { attempt } = await stack.adminOk('POST', `/publishers/${id}/test-delivery`, {});
    const { entries } = await stack.adminOk('GET', `/audit?action=publisher.tested&id=${id}`);
    expect(entries).toMatchObject([{ after: { delivery_id: attempt.delivery_id, delivered: attempt.delivered, code: attempt.code } }]);
    expect(attempt).toMatchObject({ delivered: false, method: 'POST', http_status: null, answer: '' });
    expect((await stack.adminOk('GET', `/publishers/${id}`)).publisher.endpoint.consecutive_failures).toBe(0);
  });

  test('cannot be tested if there is none', async () => {
    const id = (await publisher()).body.publisher.publisher_id;
    const answer = await stack.admin('POST', `/publishers/${id}/test-delivery`);
    expect([answer.status, answer.body.code]).toEqual([400, 'no_url']);
  });

  test("is tested at a placement's URL on request", async () => {
    const id = (await publisher()).body.publisher.publisher_id;
    const { placement } = await stack.adminOk('POST', '/placements', {
      publisher_id: id,
      name: 'W',
      postback_url: `${stack.publisher.url}/placed?p={placement_id}`,
    });
    const { attempt } = await stack.adminOk('POST', `/publishers/${id}/test-delivery`, { placement_id: placement.placement_id });
    expect(attempt.delivered).toBe(true);
    expect(requestsTo('/placed')[0]?.query.get('p')).toBe(placement.placement_id);
    const other = (await publisher()).body.publisher.publisher_id;
    const answer = await stack.admin('POST', `/publishers/${other}/test-delivery`, { placement_id: placement.placement_id });
    expect([answer.status, answer.body.code]).toEqual([404, 'placement_not_found']);
  });
});

describe('the signing secret of a publisher', () => {
  const signatures = async (id: string) => {
    const before = requestsTo('/signed').length;
    await stack.adminOk('POST', `/publishers/${id}/test-delivery`);
    const request = requestsTo('/signed')[before];
    const headers = request?.headers as Record<string, string>;
    /** Whether a receiver that knows this secret accepts the request. */
    const accepts = (secret: string) => {
      const signed = new Webhook(secret).sign(
        headers['webhook-id'] ?? '',
        new Date(Number(headers['webhook-timestamp']) * 1_000),
        request?.target ?? '',
      );
      return (headers['webhook-signature'] ?? '').split(' ').includes(signed);
    };
    return accepts;
  };

  test('is rotated: the new one and the one before are both good, unless the old one is known to others', async () => {
    const { body } = await publisher({ postback_url: `${stack.publisher.url}/signed?d={delivery_id}` });
    const id = body.publisher.publisher_id;
    const first = body.secret;
    expect((await signatures(id))(first)).toBe(true);

    const { secret: second, publisher: shown } = await stack.adminOk('POST', `/publishers/${id}/rotate-secret`);
    expect(shown).toMatchObject({ secret: second, signing: { secrets: 2 } });
    const both = await signatures(id);
    expect([both(first), both(second)]).toEqual([true, true]);

    const { secret: third } = await stack.adminOk('POST', `/publishers/${id}/rotate-secret`, {});
    const newer = await signatures(id);
    expect([newer(first), newer(second), newer(third)]).toEqual([false, true, true]);

    const { secret: fourth, publisher: alone } = await stack.adminOk('POST', `/publishers/${id}/rotate-secret`, { replace: true });
    expect(alone.signing.secrets).toBe(1);
    const last = await signatures(id);
    expect([last(third), last(fourth)]).toEqual([false, true]);
  });
});
