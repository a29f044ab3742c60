import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { Campaign } from '../support/local-stack.ts';
import type { ReceivedRequest } from '../support/publisher-server.ts';

/** Contract 1.10: partners whose postbacks are only forwarded, unchanged. */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
});
afterAll(() => inbound.stop());

let publishers = 0;
async function publisher(method: 'GET' | 'POST', query = ''): Promise<{ id: string; path: string }> {
  publishers += 1;
  const path = `/forwarded/${publishers}`;
  const body = { name: `Forwarded ${publishers}`, postback_url: `${inbound.stack.publisher.url}${path}${query}`, postback_method: method };
  return { id: (await inbound.stack.adminOk('POST', '/publishers', body)).publisher.publisher_id, path };
}
const forwarding = (forward_to: string[], partner: object = {}): Promise<Campaign> =>
  inbound.stack.campaign({ partner: { mode: 'forward_only', forward_to, ...partner } });
const told = (path: string, count = 1): Promise<ReceivedRequest[]> =>
  inbound.stack.eventually(() => {
    const found = inbound.stack.publisher.requests.filter((request) => request.path === path);
    expect(found).toHaveLength(count);
    return found;
  }, 30_000);

test('the parameters are added unchanged to a GET URL, whose macros are also filled', async () => {
  const { id, path } = await publisher('GET', '?token=t&click={click_id}');
  const own = await forwarding([id]);
  const { answer, log } = await inbound.send(own.key, 'click_id=anything&a=1%202&b=%C3%A9&a=3&payout=5.00');
  expect(answer).toMatchObject({ status: 200, body: { result: 'accepted' } });
  expect(log).toMatchObject({ result: 'accepted', click_id: 'anything' });
  const [request] = await told(path);
  expect(request?.method).toBe('GET');
  expect([...(request?.query ?? [])]).toEqual([
    ['token', 't'],
    ['click', 'anything'],
    ['click_id', 'anything'],
    ['a', '1 2'],
    ['b', 'é'],
    ['a', '3'],
    ['payout', '5.00'],
  ]);
});

test("no delivery goes round in a circle: a partner's own URL is refused, and what comes from this system is not forwarded again", async () => {
  const { id } = await publisher('GET');
  const own = await forwarding([id]);
  const postback_url = `${inbound.stack.url}/postback/${own.key}?round={click_id}`;
  expect((await inbound.stack.admin('PATCH', `/publishers/${id}`, { postback_url })).status).toBe(400);
  const agent = { 'user-agent': 'postback-system/0.1.0' };
  const { answer, log } = await inbound.send(own.key, 'click_id=1', { headers: { ...agent, 'webhook-id': '01J' } });
  expect([answer.status, answer.body.result, log.message]).toEqual([200, 'logged', 'It is a delivery of this system, and goes no further']);
  expect((await inbound.send(own.key, 'click_id=1', { headers: agent })).answer.body.result).toBe('accepted');
});

test('the parameters are the JSON body for a POST URL', async () => {
  const { id, path } = await publisher('POST');
  const own = await forwarding([id]);
  await inbound.send(own.key, 'q=1', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"click_id":"x","n":{"a":[1]},"payout":5.00}',
  });
  const [request] = await told(path);
  expect(request?.headers['content-type']).toMatch(/^application\/json/);
  expect(JSON.parse(request?.body ?? '')).toEqual({ q: '1', click_id: 'x', n: { a: [1] }, payout: '5.00' });
});

test('every publisher of the list gets a delivery; a repetition is a duplicate that nobody gets', async () => {
  const [one, two] = [await publisher('GET'), await publisher('POST')];
  const own = await forwarding([one.id, two.id]);
  const sent = { click_id: 'x', transaction_id: 'T', payout: '5.00' };
  expect((await inbound.send(own.key, sent)).answer.body).toMatchObject({ result: 'accepted' });
  expect((await inbound.send(own.key, sent)).answer.body).toMatchObject({ result: 'duplicate' });
  expect((await inbound.send(own.key, { ...sent, transaction_id: 'U' })).answer.body).toMatchObject({ result: 'accepted' });
  await told(one.path, 2);
  await told(two.path, 2);
});

test('no click is looked up and nothing is converted or credited, even if a click with that id exists', async () => {
  const { id, path } = await publisher('GET');
  const own = await forwarding([id]);
  expect((await inbound.send(own.key, { click_id: own.clickId, payout: '5.00' })).answer.body).toMatchObject({ result: 'accepted' });
  await told(path);
  expect(await inbound.conversions(own.partnerId)).toEqual([]);
  expect(await inbound.balance(own)).toBe('0.00');
});

test('a postback without a click id is forwarded too', async () => {
  const { id, path } = await publisher('GET');
  const own = await forwarding([id]);
  expect((await inbound.send(own.key, { anything: 'goes' })).answer.body).toMatchObject({ result: 'accepted' });
  const [request] = await told(path);
  expect([...(request?.query ?? [])]).toEqual([['anything', 'goes']]);
});

test('our key is not forwarded', async () => {
  const { id, path } = await publisher('GET');
  const own = await forwarding([id]);
  await inbound.stack.request(`/api/analytics/postback?key=${own.key}&click_id=x&called=${own.key}`);
  const [request] = await told(path);
  expect(request?.target).not.toContain(own.key);
  expect(request?.query.get('key')).toBeNull();
});

test('a test, or a postback with a staging key, is forwarded to nobody', async () => {
  const { id, path } = await publisher('GET');
  const own = await forwarding([id]);
  const { unique_key: staging } = await inbound.stack.adminOk('POST', '/postback-receiver/generate-key', {
    partner_id: own.partnerId,
    label: 'staging',
  });
  expect((await inbound.send(own.key, { click_id: 'TEST-1', payout: '5.00' })).answer.body).toMatchObject({ result: 'test' });
  expect((await inbound.send(staging, { click_id: 'x', payout: '5.00' })).answer.body).toMatchObject({ result: 'test' });
  await inbound.send(own.key, { click_id: 'last' });
  const [request] = await told(path);
  expect(request?.query.get('click_id')).toBe('last');
});

test('values that we could not interpret are forwarded too', async () => {
  const { id, path } = await publisher('GET');
  const own = await forwarding([id]);
  const queries = [
    'click_id=a&payout=-5',
    'click_id=b&currency=POINTS',
    'click_id={click_id}',
    'click_id=c&click_id=d',
    'payout=1&amount=x',
  ];
  for (const query of queries) {
    const { answer, log } = await inbound.send(own.key, query);
    expect([query, answer.status, answer.body.result]).toEqual([query, 200, 'accepted']);
    expect(log.result).toBe('accepted');
    expect((await inbound.send(own.key, query)).answer.body.result).toBe('duplicate');
  }
  const received = (await told(path, queries.length)).map(({ query }) => String(query));
  expect(received.toSorted()).toEqual(queries.map((query) => String(new URLSearchParams(query))).toSorted());
});

test("macros know a partner's own names, and the event of the path", async () => {
  const { id, path } = await publisher('GET', '?c={click_id}&p={payout}&t={trans}&e={event}&x={foo}');
  const own = await forwarding([id], { parameter_mapping: { pay: 'payout' } });
  await inbound.send(own.key, 'subid=S1&pay=3&txn_id=T&foo=F', { event: 'signup' });
  const [request] = await told(path);
  expect([...(request?.query ?? [])]).toEqual([
    ['c', 'S1'],
    ['p', '3'],
    ['t', 'T'],
    ['e', 'signup'],
    ['x', 'F'],
    ['subid', 'S1'],
    ['pay', '3'],
    ['txn_id', 'T'],
    ['foo', 'F'],
    ['event', 'signup'],
  ]);
});

test("a publisher's additional postbacks get deliveries of their own if their conditions match, and the plain one gets one if none does", async () => {
  const url = (name: string) => `${inbound.stack.publisher.url}/forwarded/others/${name}?s={status}`;
  const body = {
    name: 'With others',
    postbacks: [
      { postback_id: 'paid', url: url('paid'), statuses: ['approved'] },
      { postback_id: 'german', url: url('german'), method: 'POST', when: { all: [{ field: 'country', op: 'eq', value: 'DE' }] } },
      { postback_id: 'signups', url: url('signups'), events: ['signup'] },
    ],
  };
  const { publisher: one } = await inbound.stack.adminOk('POST', '/publishers', body);
  const plain = await inbound.stack.adminOk('POST', '/publishers', { ...body, postback_url: url('plain') });
  const own = await forwarding([one.publisher_id, plain.publisher.publisher_id]);
  // Without a status word it is approved; the partner's own words are forwarded unchanged.
  await inbound.send(own.key, 'n=1&country_code=de');
  await inbound.send(own.key, 'n=2&status=1');
  await inbound.send(own.key, 'n=3&status=declined', { event: 'signup' });
  await inbound.send(own.key, 'n=4&status=declined');
  const numbers = async (name: string, count: number) =>
    (await told(`/forwarded/others/${name}`, count)).map(({ query, body: sent }) => query.get('n') ?? JSON.parse(sent).n).toSorted();
  expect(await numbers('paid', 4)).toEqual(['1', '1', '2', '2']);
  expect(await numbers('german', 2)).toEqual(['1', '1']);
  expect(await numbers('signups', 2)).toEqual(['3', '3']);
  expect(await numbers('plain', 1)).toEqual(['4']);
  const [second] = await told('/forwarded/others/paid', 4);
  expect(['', '1']).toContain(second?.query.get('s'));
  const nowhere = await inbound.stack.eventually(async () => {
    const { logs } = await inbound.stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${one.publisher_id}&status=no_url`);
    expect(logs).toHaveLength(1);
    return logs;
  });
  expect(nowhere[0].conversion_id).toBeNull();
});

test('one postback leads to at most fifty deliveries, and the log says when more would match', async () => {
  const postbacks = Array.from({ length: 18 }, () => ({ url: `${inbound.stack.publisher.url}/forwarded/many?a={a}` }));
  const bodies = [1, 2, 3].map((number) => ({ name: `Many ${number}`, postbacks }));
  const made = await Promise.all(bodies.map((body) => inbound.stack.adminOk('POST', '/publishers', body)));
  const own = await forwarding(made.map(({ publisher: { publisher_id } }) => publisher_id));
  const { answer, log } = await inbound.send(own.key, 'a=1');
  expect([answer.body.result, log.message]).toEqual(['accepted', 'It matches 54 postbacks: the first 50 are told']);
  await told('/forwarded/many', 50);
});
