import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { AnyBody, Campaign } from '../support/local-stack.ts';
import { encodings, secretsIn } from '../support/secret-search.ts';
import { rowsOf, textOf } from '../support/tables.ts';

/** Contract 1.3: no row, log or answer shows a whole live key, wherever in a request somebody sent it and however it was encoded. */

let inbound: Inbound;
let own: Campaign;
let other: Campaign;
beforeAll(async () => {
  inbound = await Inbound.start();
  own = await inbound.stack.campaign();
  other = await inbound.stack.campaign();
});
// It ends with a search of its own, like every test on this stack.
afterAll(() => inbound.stop());

/** Rows without a key, as texts. Rows that have not changed since are not searched again. */
const searched = new Set<string>();
async function tablesThatShow(keys: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const id of inbound.stack.system.tables.keys())
    for (const row of await rowsOf(inbound.stack, id)) {
      const text = textOf(row);
      if (searched.has(text)) continue;
      if (secretsIn(text, keys).length > 0) found.push(id);
      else searched.add(text);
    }
  return found;
}

const form = 'application/x-www-form-urlencoded';
const post = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') => ({
  method: 'POST',
  headers: { 'content-type': type },
  body,
});
const places: Readonly<Record<string, (key: string) => Promise<unknown>>> = {
  'a value': (key) => inbound.stack.postback(own.key, { click_id: own.clickId, payout: '5', said: key }),
  'a value as it is, unencoded': (key) =>
    inbound.stack.postback(own.key, `click_id=${own.clickId}&payout=5&said=${key.replace(/[&#\r\n]/g, '')}`),
  'a name': (key) => inbound.stack.postback(own.key, { click_id: own.clickId, payout: '5', [key]: 'x' }),
  'the transaction': (key) => inbound.stack.postback(own.key, { click_id: own.clickId, payout: '5', transaction_id: key }),
  'the click': (key) => inbound.stack.postback(own.key, { click_id: key, payout: '5' }),
  'the reason': (key) => inbound.stack.postback(own.key, { click_id: own.clickId, status: 'rejected', reason: key }),
  'the event': (key) => inbound.stack.postback(own.key, { click_id: own.clickId }, { event: encodeURIComponent(key) }),
  'the user agent': (key) =>
    inbound.stack.postback(own.key, { click_id: own.clickId }, { headers: { 'user-agent': key.replace(/[\r\n]/g, '') } }),
  JSON: (key) => inbound.stack.postback(own.key, {}, post(JSON.stringify({ click_id: own.clickId, payout: '5', deep: [{ [key]: key }] }))),
  'a form': (key) => inbound.stack.postback(own.key, {}, post(`click_id=${own.clickId}&payout=5&said=${encodeURIComponent(key)}`, form)),
  'a body that nobody can read': (key) => inbound.stack.postback(own.key, {}, post(`<xml>${key}</xml>`, 'application/xml')),
  'a packed body': (key) => inbound.stack.postback(own.key, {}, post(new Uint8Array(gzipSync(JSON.stringify({ said: key }))))),
  'the older address': (key) => inbound.stack.request(`/api/analytics/postback?key=${own.key}&click_id=x&said=${encodeURIComponent(key)}`),
  'a refused method': (key) => inbound.stack.postback(own.key, { said: key }, { method: 'PUT' }),
  'a row of a file': (key) =>
    inbound.stack.adminOk('POST', `/conversions/import?partner_id=${own.partnerId}`, { rows: [{ click_id: key, note: key }] }),
  'the tester': (key) =>
    inbound.stack.adminOk('POST', '/postback-receiver/test', {
      partner_id: own.partnerId,
      params: { click_id: key, note: key },
      event: key.slice(0, 200),
    }),
};

describe.each(['its own key', "another partner's key"])('%s', (whose) => {
  test.each(Object.keys(places))('sent as %s is kept nowhere, however it is encoded', async (place) => {
    const key = whose === 'its own key' ? own.key : other.key;
    for (const write of Object.values(encodings)) await places[place]?.(write(key));
    expect(await tablesThatShow([own.key, other.key])).toEqual([]);
  });
});

describe.each(['its own key', "another partner's key"])('%s in a body that is packed by', (whose) => {
  test.each([
    ['gzip', gzipSync, gunzipSync],
    ['deflate', deflateSync, inflateSync],
    ['deflate', deflateRawSync, inflateRawSync],
    ['br', brotliCompressSync, brotliDecompressSync],
  ] as const)('%s cannot be unpacked from the log', async (encoding, pack, unpack) => {
    const key = whose === 'its own key' ? own.key : other.key;
    const said = `https://x.example/postback/${key}?a=1&b=2&a=1&b=2&a=1&b=2, https://x.example/postback/${key}?a=1&b=2`;
    const send = (body: object) =>
      inbound.stack.postback(
        own.key,
        {},
        {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'content-encoding': encoding },
          body: new Uint8Array(pack(JSON.stringify({ click_id: own.clickId, payout: '5', ...body }))),
        },
      );
    const [hidden, shown] = await Promise.all([send({ said }), send({ said: 'nothing secret' })]);
    const bodyOf = async (logId: string) => (await inbound.log(logId)).raw.body;
    expect(JSON.stringify(await inbound.log(hidden.body.log_id))).not.toContain(key);
    expect(await bodyOf(hidden.body.log_id)).toMatch(/^\*+$/);
    expect(unpack(Buffer.from(await bodyOf(shown.body.log_id), 'base64')).toString()).toContain('nothing secret');
  });
});

test('the name of an unknown field is not repeated if it could be a key', async () => {
  const asked = await inbound.stack.admin('GET', `/partners?${own.key}=1`);
  const made = await inbound.stack.admin('POST', '/partners', { partner_name: 'x', [own.key]: 1 });
  expect([asked, made]).toMatchObject([{ status: 400 }, { status: 400 }]);
  expect(JSON.stringify([asked.body, made.body])).not.toContain(own.key);
});

test('text that only looks like a key stays as it was sent', async () => {
  const text = 'kR3v9x_Ab-cdEFGHijklMNOPqrstUV01';
  const { log } = await inbound.send(own.key, {
    click_id: await own.newClick(),
    payout: '5',
    said: text,
    md5: 'a1b2c3d4e5f60718293a4b5c6d7e8f90',
  });
  expect(log).toMatchObject({ result: 'accepted', custom_data: { said: text, md5: 'a1b2c3d4e5f60718293a4b5c6d7e8f90' } });
});

test('hiding never changes the bytes that a signature is checked over', async () => {
  const secret = 'a shared secret of the two';
  const signed = await inbound.stack.campaign({ partner: { preset: 'generic_hmac', signing: { secret } } });
  const { createHmac } = await import('node:crypto');
  const body = JSON.stringify({ click_id: signed.clickId, payout: '5.00', transaction_id: 'T', said: other.key });
  const time = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-signature': signature, 'x-timestamp': time };
  const answer = await inbound.stack.postback(signed.key, {}, { method: 'POST', headers, body });
  expect(answer.body).not.toMatchObject({ code: 'signature_invalid' });
});

describe('the admin API', () => {
  test('returns no list, entry or CSV from which anybody could decode a key', async () => {
    const lists = ['/received-postbacks', '/conversions', '/forwarded-postbacks', '/audit', '/partners', `/partners/${own.partnerId}/keys`];
    const { logs } = await inbound.stack.adminOk('GET', `/received-postbacks?partner_id=${own.partnerId}&limit=200`);
    const { conversions } = await inbound.stack.adminOk('GET', `/conversions?partner_id=${own.partnerId}&limit=200`);
    const paths = [
      ...lists.flatMap((list) => [`${list}?limit=200`, `${list}?limit=200&format=csv`]),
      ...logs.map(({ log_id }: AnyBody) => `/received-postbacks/${log_id}`),
      ...conversions.map(({ conversion_id }: AnyBody) => `/conversions/${encodeURIComponent(conversion_id)}`),
    ];
    expect(logs.length).toBeGreaterThan(50);
    const shown: string[] = [];
    for (const path of paths) {
      const { status, headers, body } = await inbound.stack.admin('GET', path);
      expect(status).toBe(200);
      const text = `${[...headers].flat().join('\n')}\n${typeof body === 'string' ? body : JSON.stringify(body)}`;
      if (secretsIn(text, [own.key, other.key]).length > 0) shown.push(path);
    }
    expect(shown).toEqual([]);
  }, 120_000);

  test.each([
    ['POST', '/partners', (key: string) => ({ partner_name: key })],
    ['POST', '/publishers', (key: string) => ({ name: 'x', postback_url: `https://x.example/?k=${key}` })],
    [
      'POST',
      '/offers',
      (key: string) => ({
        partner_id: own.partnerId,
        name: 'x',
        target_url: `https://x.example/${Buffer.from(key).toString('base64url')}`,
      }),
    ],
    ['POST', '/tokens', (key: string) => ({ name: `of ${key}`, role: 'viewer' })],
  ])('refuses a live key in the body of %s %s', async (method, path, body) => {
    expect(await inbound.stack.admin(method, path, body(other.key))).toMatchObject({ status: 400, body: { code: 'invalid_body' } });
  });

  test('pages a list that is filtered by a key without showing the key', async () => {
    for (let count = 0; count < 2; count += 1) await inbound.stack.postback(own.key, { payout: 'x', count: String(count) });
    const csv = await inbound.stack.admin('GET', `/received-postbacks?limit=1&format=csv&unique_key=${own.key}`);
    expect([csv.headers.get('link'), typeof csv.headers.get('x-next-cursor')]).toEqual([null, 'string']);
  });
});
