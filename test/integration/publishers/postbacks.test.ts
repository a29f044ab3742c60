import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type AnyBody, type Campaign, LocalStack } from '../../support/local-stack.ts';
import type { ReceivedRequest } from '../../support/publisher-server.ts';
import { everythingStored } from '../../support/tables.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.start();
});
afterAll(() => stack.stop());
beforeEach(() => stack.publisher.answerStatus(200));

/** A campaign whose publisher has these postbacks; their URLs are below the publisher's own path. */
async function campaignWith(postbacks: (base: string) => object[], publisher: object = {}): Promise<Campaign> {
  return stack.campaign({ publisher: { postbacks: postbacks(`${stack.publisher.url}/${crypto.randomUUID()}`), ...publisher } });
}
const convert = async (campaign: Campaign, more: Record<string, string> = {}) => {
  const clickId = await campaign.newClick();
  const answer = await stack.postback(campaign.key, { click_id: clickId, payout: '5', ...more });
  expect(answer.status).toBe(200);
  return clickId;
};
const requestsFor = (clickId: string) => stack.publisher.requests.filter(({ target, body }) => `${target} ${body}`.includes(clickId));
const lastSegments = (requests: readonly ReceivedRequest[]) => requests.map(({ path }) => path.split('/').at(-1)).sort();
const deliveriesOf = async (campaign: Campaign, status: string): Promise<AnyBody[]> =>
  (await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${campaign.publisherId}&status=${status}&limit=200`)).logs;
const healthOf = async ({ publisherId }: Campaign): Promise<AnyBody> => stack.adminOk('GET', `/publishers/${publisherId}/health`);
const patch = (campaign: Campaign, body: object) => stack.admin('PATCH', `/publishers/${campaign.publisherId}`, body);

describe('a publisher with several postbacks', () => {
  test('gets a delivery for each postback whose conditions match, and for the plain one if none does', async () => {
    const campaign = await campaignWith((base) => [
      { url: `${base}/germans?c={click_id}`, when: { field: 'country', op: 'eq', value: 'DE' } },
      { url: `${base}/big?c={click_id}`, when: { all: [{ field: 'payout', op: 'gte', value: 4 }] }, statuses: ['approved'] },
      { url: `${base}/other?c={click_id}`, offer_ids: ['another'] },
      { url: `${base}/off?c={click_id}`, status: 'inactive' },
    ]);
    const both = await convert(campaign, { country: 'DE' });
    await stack.eventually(() => expect(lastSegments(requestsFor(both))).toEqual(['big', 'germans']));
    const none = await convert(campaign, { country: 'AT', payout: '1' });
    await stack.eventually(() => expect(requestsFor(none)).toHaveLength(1));
    expect(requestsFor(none)[0]?.query.get('status')).toBe('approved');
  });

  test('gets the same number with all deliveries of one change, which grows with each change that it can see', async () => {
    const campaign = await campaignWith((base) => [
      { url: `${base}/a?c={click_id}&n={sequence}&s={status}` },
      { url: `${base}/b`, method: 'POST' },
    ]);
    const clickId = await convert(campaign);
    await stack.postback(campaign.key, { click_id: clickId, status: 'reversed' });
    await stack.eventually(() => expect(requestsFor(clickId)).toHaveLength(4));
    const told = requestsFor(clickId).map(({ query, body }) => {
      const said = body === '' ? Object.fromEntries(query) : JSON.parse(body);
      return `${said.status ?? said.s} ${said.sequence ?? said.n}`;
    });
    expect(told.sort()).toEqual(['approved 1', 'approved 1', 'reversed 2', 'reversed 2']);
    const { conversion } = await stack.adminOk('GET', `/conversions/${clickId}.complete`);
    expect(conversion.deliveries.map(({ sequence }: AnyBody) => sequence)).toEqual([1, 1, 2, 2]);
  });

  test('is sent its own headers, basic auth, form body and signature; nobody is shown the secrets', async () => {
    const campaign = await campaignWith((base) => [
      {
        postback_id: 'signed',
        url: `${base}/signed`,
        method: 'POST',
        content_type: 'form',
        headers: { 'X-Team': 'blue', 'X-Api-Key': 'hunter2', 'X-Other': { secret: 'hunter3' }, 'X-Hash': '{signature}' },
        basic_auth: { username: 'user', password: 'hunter4' },
        sign: { algorithm: 'sha256', message: '{click_id}{points|int}{secret}', secret: 'hunter5' },
      },
    ]);
    const clickId = await convert(campaign);
    await stack.eventually(() => expect(requestsFor(clickId)).toHaveLength(1));
    const [request] = requestsFor(clickId);
    const hash = createHash('sha256').update(`${clickId}4hunter5`).digest('hex');
    expect(request?.headers).toMatchObject({
      'x-team': 'blue',
      'x-api-key': 'hunter2',
      'x-other': 'hunter3',
      'x-hash': hash,
      authorization: `Basic ${Buffer.from('user:hunter4').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    });
    const form = new URLSearchParams(request?.body);
    expect([form.get('points'), form.get('signature'), form.get('reason')]).toEqual(['4.00', hash, '']);

    const [delivery] = await stack.eventually(async () => {
      const found = await deliveriesOf(campaign, 'delivered');
      expect(found).toHaveLength(1);
      return found;
    });
    expect(delivery.sent).toMatchObject({
      method: 'POST',
      headers: {
        'x-team': 'blue',
        'x-api-key': '***',
        'x-other': '***',
        'x-hash': hash,
        authorization: '***',
        'webhook-id': delivery.delivery_id,
      },
      body: request?.body,
    });
    const shown = [
      await stack.adminOk('GET', `/publishers/${campaign.publisherId}`),
      await stack.adminOk('GET', '/audit?limit=200'),
      delivery,
      await healthOf(campaign),
    ];
    expect(JSON.stringify(shown)).not.toContain('hunter');
  });

  test('has a secret in a header hidden also where macros stand beside it, and sees headers that hold nothing else', async () => {
    const secret = {
      Authorization: 'Bearer hunter6{user_id}',
      'X-Api-Key': '{sub1|default:hunter7}',
      'X-Token': '{status:approved=hunter8}',
      'X-Secret': 'id={click_id};hunter9',
      'X-JWT': 'hunter10',
      'X-Access-Key': '{hunter11}',
    };
    const plain = { 'X-Signature': 'sha256={signature}', 'X-Auth-User': 'Bearer {user_id}', 'X-Key-Of-Click': '{click_id|upper}' };
    const campaign = await campaignWith((base) => [
      {
        postback_id: 'mixed',
        url: `${base}/mixed?c={click_id}`,
        headers: { ...secret, ...plain },
        sign: { algorithm: 'sha256', message: '{click_id}{secret}', secret: 'hunter12' },
      },
    ]);
    const clickId = await convert(campaign);
    await stack.eventually(() => expect(requestsFor(clickId)).toHaveLength(1));
    expect(requestsFor(clickId)[0]?.headers).toMatchObject({
      authorization: `Bearer hunter6${campaign.userId}`,
      'x-api-key': 'hunter7',
      'x-token': 'hunter8',
      'x-secret': `id=${clickId};hunter9`,
      'x-jwt': 'hunter10',
      'x-signature': `sha256=${createHash('sha256').update(`${clickId}hunter12`).digest('hex')}`,
      'x-auth-user': `Bearer ${campaign.userId}`,
    });
    const { publisher } = await stack.adminOk('GET', `/publishers/${campaign.publisherId}`);
    const hidden = Object.fromEntries(Object.keys(secret).map((name) => [name, '***']));
    expect(publisher.postbacks[0].headers).toEqual({ ...hidden, ...plain });
    const [delivery] = await stack.eventually(async () => {
      const found = await deliveriesOf(campaign, 'delivered');
      expect(found).toHaveLength(1);
      return found;
    });
    expect(delivery.sent.headers).toMatchObject({ authorization: '***', 'x-secret': '***', 'x-auth-user': `Bearer ${campaign.userId}` });
    const tried = await stack.adminOk('POST', `/publishers/${campaign.publisherId}/test-delivery`, { postback_id: 'mixed' });
    const shown = [publisher, delivery, tried, await stack.adminOk('GET', '/audit?limit=200')];
    expect(JSON.stringify(shown)).not.toContain('hunter');
    expect(await everythingStored(stack)).not.toContain('hunter');
  });

  test('has each secret that was replaced in the audit, and none that was kept', async () => {
    const one = {
      postback_id: 'one',
      url: 'https://publisher.example/{click_id}?s={signature}',
      headers: { 'X-Key': 'k1', 'X-Team': 'blue' },
      basic_auth: { username: 'u', password: 'p1' },
      sign: { algorithm: 'sha256', message: '{click_id}{secret}', secret: 's1' },
    };
    const campaign = await campaignWith(() => [one, { ...one, postback_id: 'two' }]);
    const kept = {
      ...one,
      headers: { 'X-Key': '***', 'X-Team': 'red' },
      basic_auth: { username: 'u' },
      sign: { ...one.sign, secret: undefined },
    };
    const two = { ...kept, postback_id: 'two' };
    for (const postbacks of [
      [kept, two],
      [{ ...kept, headers: { 'x-key': 'k2' } }, two],
      [kept, { ...two, basic_auth: { username: 'u', password: 'p2' } }],
      [
        { ...kept, sign: { ...one.sign, secret: 's2' } },
        { ...two, sign: { ...one.sign, secret: 's2' } },
      ],
    ])
      expect((await patch(campaign, { postbacks })).status).toBe(200);
    const { entries } = await stack.adminOk('GET', `/audit?kind=publisher&id=${campaign.publisherId}`);
    const replaced = entries.filter(({ action }: AnyBody) => action === 'publisher.secret_replaced');
    expect(replaced.map(({ after }: AnyBody) => after.postbacks).reverse()).toEqual([['one'], ['two'], ['one', 'two']]);
  });

  test('keeps secrets that are not sent again, and loses those of a postback that is removed', async () => {
    const campaign = await campaignWith((base) => [
      {
        postback_id: 'kept',
        url: `${base}/kept?c={click_id}&h={signature}`,
        headers: { 'X-Key': 'k1' },
        sign: { algorithm: 'hmac-sha1', message: '{click_id}', secret: 's1' },
      },
    ]);
    const { publisher } = await stack.adminOk('GET', `/publishers/${campaign.publisherId}`);
    const [{ endpoint: _health, ...kept }] = publisher.postbacks;
    expect(kept.headers).toEqual({ 'X-Key': '***' });
    expect((await patch(campaign, { postbacks: [{ ...kept, events: ['complete'] }] })).status).toBe(200);
    const clickId = await convert(campaign);
    await stack.eventually(() => expect(requestsFor(clickId)).toHaveLength(1));
    expect(requestsFor(clickId)[0]?.headers['x-key']).toBe('k1');
    expect((await patch(campaign, { postbacks: [{ ...kept, postback_id: 'new' }] })).body.message).toContain('postbacks.0');
    expect((await patch(campaign, { postbacks: null })).body.publisher.postbacks).toEqual([]);
  });

  test.each<[string, object, string]>([
    ['a header of ours', { headers: { 'Webhook-Id': 'x' } }, 'postbacks.0.headers: Webhook-Id is reserved'],
    ['the agent', { headers: { 'user-agent': 'x' } }, 'is reserved'],
    ['a header with a line break', { headers: { 'X-A': 'a\r\nX-B: b' } }, 'must be plain ASCII'],
    ['a header twice', { headers: { 'X-A': '1', 'x-a': '2' } }, 'must not name a header twice'],
    [
      'a digest without the secret',
      { sign: { algorithm: 'md5', message: '{user_id}', secret: 's' } },
      'postbacks.0.sign.message: must hold {secret}',
    ],
    ['a signature without a secret', { sign: { algorithm: 'hmac-md5', message: '{user_id}' } }, 'postbacks.0.sign.secret: is required'],
    ['basic auth without a password', { basic_auth: { username: 'u' } }, 'postbacks.0.basic_auth.password: is required'],
    ['a condition on what it is not told', { when: { field: 'upward_payout', op: 'gt', value: '1' } }, 'unknown field "upward_payout"'],
    ['a condition without a value', { when: { field: 'payout', op: 'gt' } }, 'postbacks.0.when'],
    ['a macro in the host', { url: 'https://{sub1}.pub.example/' }, 'postbacks.0.url: must not use macros'],
    ['an unknown field', { nonsense: 1 }, 'nonsense'],
  ])('is refused with %s', async (_what, wrong, message) => {
    const campaign = await stack.campaign();
    const { status, body } = await patch(campaign, { postbacks: [{ url: 'https://pub.example/?c={click_id}', ...wrong }] });
    expect([status, body.code]).toEqual([400, 'invalid_body']);
    expect(body.message).toContain(message);
  });

  test('gets warnings about settings that will not do what they seem to do', async () => {
    const campaign = await stack.campaign();
    const { body } = await patch(campaign, {
      postback_url: 'https://pub.example/?user=[user_id]&p={payout|centz}',
      postbacks: [
        { url: 'https://pub.example/?u={{user_id}}&h={signature}' },
        { url: 'https://pub.example/?u={user_id}', sign: { algorithm: 'md5', message: '{usr}{secret}', secret: 's' } },
        { url: 'https://pub.example/?u={user_id}', when: { any: [] } },
      ],
    });
    expect(body.warnings).toEqual([
      expect.stringContaining('postback_url: {payout|centz} will be empty: the function centz is unknown'),
      expect.stringContaining('postback_url: [user_id] is not our macro syntax'),
      expect.stringContaining('postbacks.0.url: {{user_id}} is not our macro syntax'),
      expect.stringContaining('postbacks.0.url: {signature} will be empty'),
      expect.stringContaining('postbacks.1.sign.message: the macro {usr} is unknown'),
      expect.stringContaining("postbacks.1.sign: the URL and headers don't use {signature}"),
      expect.stringContaining('postbacks.2.when: holds for nothing'),
    ]);
  });
});

describe('what counts as success', () => {
  test.each<[string, object, string, string]>([
    ['the text is in it', { body_contains: 'credited' }, 'user credited, thank you', 'delivered'],
    ['the text is not in it', { body_contains: 'credited' }, 'ERROR: unknown user', 'failing'],
    ['it is the text', { body_equals: 'OK' }, 'OK\n', 'delivered'],
    ['it only holds the text', { body_equals: 'OK' }, 'NOT OK', 'failing'],
  ])('an answer of 200 when %s', async (_what, success_when, answer, status) => {
    stack.publisher.answerWith((_, response) => void response.end(answer));
    const campaign = await campaignWith((base) => [{ url: `${base}/x?c={click_id}`, success_when }]);
    await convert(campaign);
    const [delivery] = await stack.eventually(async () => {
      const found = await deliveriesOf(campaign, status);
      expect(found).toHaveLength(1);
      return found;
    });
    expect(delivery.attempts[0]).toMatchObject({
      code: status === 'delivered' ? 'http_200' : 'unexpected_answer',
      http_status: 200,
      answer: expect.stringContaining(answer.trim()),
    });
  });

  test('is one text; sending none or two is refused with the reason', async () => {
    for (const success_when of [{}, { body_contains: 'a', body_equals: 'b' }]) {
      const sent = { name: 'P', postbacks: [{ url: `${stack.publisher.url}/x?c={click_id}`, success_when }] };
      expect((await stack.admin('POST', '/publishers', sent)).body.message).toBe(
        'postbacks.0.success_when: must be {body_contains} or {body_equals}, one of them',
      );
    }
  });
});

describe('each postback on its own', () => {
  test('pauses alone when it is gone, is resumed alone, and then gets what was held', async () => {
    let isGone = true;
    stack.publisher.answerWith(({ path }, response) => void response.writeHead(path.endsWith('/gone') && isGone ? 410 : 200).end());
    const campaign = await campaignWith((base) => [
      { postback_id: 'gone', url: `${base}/gone?c={click_id}` },
      { postback_id: 'fine', url: `${base}/fine?c={click_id}` },
    ]);
    await convert(campaign);
    await stack.eventually(async () => {
      const { publisher } = await stack.adminOk('GET', `/publishers/${campaign.publisherId}`);
      expect(publisher.postbacks.map(({ endpoint }: AnyBody) => endpoint.state)).toEqual(['paused', 'active']);
      expect(publisher.endpoint.state).toBe('active');
    });
    await stack.eventually(async () => expect(await deliveriesOf(campaign, 'delivered')).toHaveLength(1));
    const { endpoints } = await healthOf(campaign);
    expect(endpoints).toMatchObject([
      { postback_id: null, last_24_hours: { attempts: 0, success_rate: null } },
      {
        postback_id: 'gone',
        state: 'paused',
        reason: 'gone',
        last_24_hours: { attempts: 1, failures: 1, success_rate: 0 },
        undelivered: { held: 1, dead: 0 },
        last_failure: { code: 'http_410', http_status: 410 },
      },
      { postback_id: 'fine', state: 'active', last_24_hours: { attempts: 1, failures: 0, success_rate: 1 }, undelivered: { held: 0 } },
    ]);
    isGone = false;
    const resumed = await stack.adminOk('POST', `/publishers/${campaign.publisherId}/resume`, { postback_id: 'gone' });
    expect(resumed.released).toBe(1);
    await stack.eventually(async () => expect(await deliveriesOf(campaign, 'delivered')).toHaveLength(2));
  });

  test('ends its waiting deliveries as no_url when it is removed', async () => {
    const campaign = await campaignWith((base) => [{ postback_id: 'once', url: `${base}/once?c={click_id}` }]);
    await stack.adminOk('POST', `/publishers/${campaign.publisherId}/pause`, { postback_id: 'once' });
    await convert(campaign);
    await stack.eventually(async () => expect(await deliveriesOf(campaign, 'held')).toHaveLength(1));
    expect((await patch(campaign, { postbacks: [] })).status).toBe(200);
    await stack.eventually(async () => expect(await deliveriesOf(campaign, 'no_url')).toHaveLength(1));
  });

  test('is held by a pause of the whole publisher', async () => {
    const campaign = await campaignWith((base) => [{ url: `${base}/a?c={click_id}` }, { url: `${base}/b?c={click_id}` }]);
    const { publisher } = await stack.adminOk('POST', `/publishers/${campaign.publisherId}/pause`);
    expect([publisher.endpoint, ...publisher.postbacks.map(({ endpoint }: AnyBody) => endpoint)].map(({ state }) => state)).toEqual(
      Array(3).fill('paused'),
    );
    expect((await stack.admin('POST', `/publishers/${campaign.publisherId}/pause`, { postback_id: 'nobody' })).body.code).toBe(
      'postback_not_found',
    );
  });

  test('can be tested by its id, and the test shows what was sent', async () => {
    const campaign = await campaignWith((base) => [
      { postback_id: 'tried', url: `${base}/tried`, method: 'POST', headers: { 'X-Token': 't1' }, success_when: { body_equals: 'fine' } },
    ]);
    const { attempt } = await stack.adminOk('POST', `/publishers/${campaign.publisherId}/test-delivery`, { postback_id: 'tried' });
    expect(attempt).toMatchObject({
      postback_id: 'tried',
      delivered: false,
      code: 'unexpected_answer',
      headers: { 'x-token': '***', 'content-type': 'application/json' },
      body: expect.stringContaining('"click_id":"TEST-CLICK"'),
    });
  });
});

describe('a rate', () => {
  test('is kept without spending attempts', async () => {
    const campaign = await campaignWith((base) => [{ url: `${base}/slow?c={click_id}`, rate_per_second: 5 }]);
    const clicks = await Promise.all(Array.from({ length: 12 }, () => campaign.newClick()));
    await Promise.all(clicks.map((click_id) => stack.postback(campaign.key, { click_id, payout: '5' })));
    const arrived = () => clicks.flatMap(requestsFor).map(({ at }) => at);
    await stack.eventually(() => expect(arrived()).toHaveLength(12), 20_000);
    const times = arrived().sort((a, b) => a - b);
    // Any six of them take at least a second, minus the time by which a busy machine delays the first.
    for (let index = 5; index < times.length; index += 1) expect((times[index] ?? 0) - (times[index - 5] ?? 0)).toBeGreaterThan(600);
    await stack.eventually(async () => expect(await deliveriesOf(campaign, 'delivered')).toHaveLength(12));
    for (const { attempts } of await deliveriesOf(campaign, 'delivered')) expect(attempts).toHaveLength(1);
  });
});

describe('a value that would lead elsewhere', () => {
  test.each(['.', '..'])('ends the delivery as dead with %j in the path, without a request and without a retry', async (value) => {
    const campaign = await stack.campaign({ publisher: { postback_url: `${stack.publisher.url}/never/{transaction_id}?c={click_id}` } });
    const clickId = await convert(campaign, { transaction_id: value });
    const [delivery] = await stack.eventually(async () => {
      const found = await deliveriesOf(campaign, 'dead');
      expect(found).toHaveLength(1);
      return found;
    });
    expect(delivery.attempts).toMatchObject([{ code: 'invalid_request', http_status: null }]);
    expect(requestsFor(clickId)).toEqual([]);
    const { publisher } = await stack.adminOk('GET', `/publishers/${campaign.publisherId}`);
    expect(publisher.endpoint.consecutive_failures).toBe(0);
  });
});
