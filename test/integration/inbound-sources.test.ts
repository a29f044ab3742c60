import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { Campaign } from '../support/local-stack.ts';

/** Contract 1.1: where parameters come from. */

let inbound: Inbound;
let campaign: Campaign;
beforeAll(async () => {
  inbound = await Inbound.start();
  campaign = await inbound.stack.campaign();
});
afterAll(() => inbound.stop());

interface Request {
  readonly method?: string;
  readonly query?: string;
  readonly type?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';
const boundary = 'multipart/form-data; boundary=b';
const parts = (...fields: [string, string][]) =>
  `${fields.map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`).join('')}--b--\r\n`;

/** Sends the request with a new click in place of CLICK. Bodies are sent as bytes, so that no client adds a content type. */
async function send({ method, query = '', type, body }: Request) {
  const clickId = await campaign.newClick();
  const filled = (text: string) => text.replaceAll('CLICK', clickId);
  const bytes = typeof body === 'string' ? new TextEncoder().encode(filled(body)) : body;
  const sent = await inbound.send(campaign.key, filled(query), {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    ...(type !== undefined && { headers: { 'content-type': type } }),
    ...(bytes !== undefined && { body: bytes }),
  });
  return { ...sent, clickId };
}

const rules: [rule: string, request: Request, recorded: object][] = [
  ['the query of a GET', { query: 'click_id=CLICK&payout=5.00&note=a' }, { payout: '5', custom_data: { note: 'a' } }],
  ['the query of a POST without a body', { method: 'POST', query: 'click_id=CLICK&payout=5.00' }, { payout: '5' }],
  ['a JSON object', { type: json, body: '{"click_id":"CLICK","payout":"5.00","note":"a"}' }, { payout: '5', custom_data: { note: 'a' } }],
  ['a form', { type: form, body: 'click_id=CLICK&payout=5.00&note=a+b' }, { payout: '5', custom_data: { note: 'a b' } }],
  [
    'multipart form data',
    { type: boundary, body: parts(['click_id', 'CLICK'], ['payout', '5.00'], ['note', 'a&b']) },
    { payout: '5', custom_data: { note: 'a&b' } },
  ],
  ['JSON without a content type', { body: '{"click_id":"CLICK","payout":5.00}' }, { payout: '5' }],
  ['a form without a content type', { body: 'click_id=CLICK&payout=5.00' }, { payout: '5' }],
  ['JSON that says it is a form', { type: form, body: '{"click_id":"CLICK","payout":"5.00"}' }, { payout: '5' }],
  ['a form that says it is JSON', { type: json, body: 'click_id=CLICK&payout=5.00' }, { payout: '5' }],
  ['JSON that says it is text', { type: 'text/plain', body: '{"click_id":"CLICK","payout":"5.00"}' }, { payout: '5' }],
  ['a form that says it is binary', { type: 'application/octet-stream', body: 'click_id=CLICK&payout=5.00' }, { payout: '5' }],
  ['an empty body leaves the query', { type: json, body: '', query: 'click_id=CLICK&payout=5.00' }, { payout: '5' }],
  [
    'query and body together',
    { type: json, query: 'click_id=CLICK&note=q', body: '{"payout":"5.00"}' },
    { payout: '5', custom_data: { note: 'q' } },
  ],
  [
    'a body value overrides a query value',
    { type: json, query: 'click_id=CLICK&payout=1&note=q', body: '{"payout":"5.00","note":"b"}' },
    { payout: '5', custom_data: { note: 'b' } },
  ],
  ['a body alias overrides a query name', { type: form, query: 'click_id=CLICK&payout=1', body: 'amount=5.00' }, { payout: '5' }],
  ['a JSON number is its text', { type: json, body: '{"click_id":"CLICK","payout":50.00}' }, { payout: '50' }],
  [
    'a JSON number that a double cannot hold',
    { type: json, body: '{"click_id":"CLICK","transaction_id":12345678901234567890}' },
    { transaction_id: '12345678901234567890' },
  ],
  ['a JSON boolean is its text', { type: json, body: '{"click_id":"CLICK","status":true}' }, { status: 'approved' }],
  [
    'nested JSON is kept',
    { type: json, body: '{"click_id":"CLICK","user":{"tags":["a",1,null]}}' },
    { custom_data: { user: { tags: ['a', 1, null] } } },
  ],
  [
    'custom values are kept unchanged',
    { query: 'click_id=CLICK&note=%20a%26b%3D%20&empty=' },
    { custom_data: { note: ' a&b= ', empty: '' } },
  ],
  ['a custom macro is kept', { query: 'click_id=CLICK&note={note}' }, { custom_data: { note: '{note}' } }],
  ['a repeated custom name keeps all its values', { query: 'click_id=CLICK&note=a&note=b' }, { custom_data: { note: ['a', 'b'] } }],
  ['a comma in one value is no repetition', { query: 'click_id=CLICK&transaction_id=a,b' }, { transaction_id: 'a,b' }],
  ['a standard name repeated with the same value', { query: 'click_id=CLICK&payout=5.00&payout=5.00' }, { payout: '5' }],
  ['a name and its alias with the same value', { query: 'click_id=CLICK&payout=5.00&amount=5.00' }, { payout: '5' }],
  ['+ is a space', { query: 'click_id=CLICK&transaction_id=a+b' }, { transaction_id: 'a b' }],
  ['%2B is a plus', { query: 'click_id=CLICK&transaction_id=a%2Bb' }, { transaction_id: 'a+b' }],
  ['UTF-8', { query: 'click_id=CLICK&transaction_id=%C3%A9&note=%F0%9F%98%80' }, { transaction_id: 'é', custom_data: { note: '😀' } }],
  [
    'a custom value of broken encoding is kept and flagged',
    { query: 'click_id=CLICK&note=%ZZ%FF' },
    { custom_data: { note: '%ZZ%FF' }, flags: ['invalid_encoding'] },
  ],
  [
    'an optional macro counts as absent',
    { query: 'click_id=CLICK&payout=5.00&transaction_id={tx_id}&currency=[CURRENCY]' },
    { transaction_id: null, payout: '5' },
  ],
  ['an optional empty value counts as absent', { query: 'click_id=CLICK&payout=5.00&status=&currency=' }, { status: 'approved' }],
  ['a macro beside a value of the same parameter', { query: 'click_id=CLICK&subid={subid}&payout=5.00' }, { payout: '5' }],
  ['a name called __proto__', { type: json, body: '{"click_id":"CLICK","payout":"5.00","__proto__":{"a":1}}' }, { result: 'accepted' }],
];

describe('parameters come from', () => {
  test.each(rules)('%s', async (_rule, request, recorded) => {
    const { answer, log, clickId } = await send(request);
    expect(answer.status).toBe(200);
    expect(log).toMatchObject({ click_id: clickId, ...recorded });
  });
});

const refusals: [rule: string, request: Request, status: number, code: string][] = [
  ['two payouts', { query: 'click_id=CLICK&payout=5.00&payout=50.00' }, 400, 'ambiguous_parameter'],
  ['a payout and another under its alias', { query: 'click_id=CLICK&payout=5.00&revenue=50.00' }, 400, 'ambiguous_parameter'],
  ['two clicks', { query: 'click_id=CLICK&click_id=CLK-OTHER' }, 400, 'ambiguous_parameter'],
  ['a name twice in JSON', { type: json, body: '{"click_id":"CLICK","payout":"5","payout":"6"}' }, 400, 'ambiguous_parameter'],
  ['a payout of broken encoding', { query: 'click_id=CLICK&payout=%ZZ' }, 400, 'invalid_encoding'],
  ['a click of invalid UTF-8', { query: 'click_id=%FF%FE' }, 400, 'invalid_encoding'],
  ['a nested click', { type: json, body: '{"click_id":{"id":"CLICK"}}' }, 400, 'invalid_body'],
  ['JSON that ends in its middle', { type: json, body: '{"click_id":"CLICK"' }, 400, 'invalid_body'],
  ['a JSON list', { type: json, body: '["CLICK"]' }, 400, 'invalid_body'],
  ['multipart without its parts', { type: boundary, body: 'nothing of the kind' }, 400, 'invalid_body'],
  ['XML', { type: 'application/xml', body: '<click_id>CLICK</click_id>' }, 415, 'unsupported_media_type'],
];

describe('refused, and says why:', () => {
  test.each(refusals)('%s', async (_rule, request, status, code) => {
    const { answer, log } = await send(request);
    expect(answer).toMatchObject({ status, body: { status: 'error', code, log_id: log.log_id } });
    expect(log).toMatchObject({ result: 'error', code });
    expect(answer.body.message).toMatch(/^[\x20-\x7e]{10,}$/);
  });
});

describe('a macro left in place of the click id', () => {
  test.each([
    '{click_id}',
    '%7Bclick_id%7D',
    '$%7Bclick_id%7D',
    '[%25TX_ID%25]',
    '[CLICK_ID]',
    '%23click_id%23',
    '%25%25click_id%25%25',
    '%%click_id%%',
    '{{click_id}}',
  ])('%s is unreplaced_macro', async (macro) => {
    const { answer } = await inbound.send(campaign.key, `click_id=${macro}&payout=5.00`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'unreplaced_macro' } });
    expect(answer.body.message).toMatch(/^click_id required: .*click_id/);
  });
});

describe('methods', () => {
  test('HEAD answers 200 and records nothing', async () => {
    const before = (await inbound.logs(campaign.partnerId)).length;
    const clickId = await campaign.newClick();
    const answer = await inbound.stack.postback(campaign.key, { click_id: clickId, payout: '5.00' }, { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(await inbound.logs(campaign.partnerId)).toHaveLength(before);
  });

  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is refused with what is allowed', async (method) => {
    const { answer, log } = await inbound.send(campaign.key, 'click_id=x', { method });
    expect(answer).toMatchObject({ status: 405, body: { status: 'error', code: 'method_not_allowed' } });
    expect(answer.headers.get('allow')).toBe('GET, POST, HEAD');
    expect(log).toMatchObject({ result: 'error', code: 'method_not_allowed', raw: { method } });
  });
});

describe('bytes that no client would send', () => {
  const request = (target: string) => `GET ${target} HTTP/1.1\r\nHost: postback\r\nConnection: close\r\n\r\n`;

  test('such as a NUL, a lone percent and a broken surrogate change nothing', async () => {
    const clickId = await campaign.newClick();
    const answer = await inbound.sendBytes(request(`/postback/${campaign.key}?click_id=${clickId}&payout=5.00&a=%00&b=%&c=%ED%A0%80`));
    expect(answer).toMatch(/^HTTP\/1.1 200 .*"result":"accepted"/s);
  });
});

test('the request is kept as it came, with the key removed', async () => {
  const clickId = await campaign.newClick();
  const query = `click_id=${clickId}&note=a%20b+c&note=%C3%A9`;
  const { log } = await inbound.send(campaign.key, query, {
    method: 'POST',
    event: 'complete',
    headers: { 'content-type': form, 'x-network': 'n1' },
    body: 'payout=5.00',
  });
  expect(log.raw).toMatchObject({
    method: 'POST',
    path: '/postback/{key}/complete',
    query,
    event: 'complete',
    body: 'payout=5.00',
    body_encoding: 'utf8',
    headers: { 'content-type': form, 'x-network': 'n1' },
    source_address: '127.0.0.1',
  });
});

test('a body that is not UTF-8 is kept byte by byte, whatever type it declares', async () => {
  const clickId = await campaign.newClick();
  const body = Buffer.from(`{"click_id":"${clickId}","payout":5.00,"name":"Jos\xe9"}`, 'latin1');
  const { answer, log } = await inbound.send(campaign.key, '', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(answer.body).toMatchObject({ result: 'accepted' });
  expect(log.flags).toEqual(['invalid_encoding']);
  expect(log.raw).toMatchObject({ body: body.toString('base64'), body_encoding: 'base64' });
});

test('a broken byte in a value that decides nothing costs nobody any money', async () => {
  const clickId = await campaign.newClick();
  const { answer, log } = await inbound.send(campaign.key, `click_id=${clickId}&payout=5.00&user_agent=100%&sub_id1=%E4&__proto__=kept`);
  expect(answer.body).toMatchObject({ result: 'accepted' });
  expect(log.flags).toEqual(['invalid_encoding']);
  expect(JSON.stringify(log.custom_data)).toBe('{"__proto__":"kept"}');
});
