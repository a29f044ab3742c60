import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRepetitions } from '../../../functions/adapters/dynamo/repetitions.ts';
import { withoutSecrets } from '../../../functions/admin/repetition.ts';
import { type AnyBody, LocalStack } from '../../support/local-stack.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.start();
});
afterAll(() => stack.stop());

let keys = 0;
const newKey = (): string => {
  keys += 1;
  return `key-${keys}`;
};
const post = (key: string, path: string, body: object | undefined, token = stack.system.adminToken): Promise<AnyBody> =>
  stack.request(`/api/admin${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const partnersCalled = async (name: string) =>
  (await stack.adminOk('GET', '/partners?limit=200')).partners.filter(({ partner_name }: AnyBody) => partner_name === name);

describe('a POST with an Idempotency-Key', () => {
  test('is done once, and its repetition gets the same answer', async () => {
    const key = newKey();
    const first = await post(key, '/partners', { partner_name: 'Once only' });
    const second = await post(key, '/partners', { partner_name: 'Once only' });
    expect([second.status, second.body]).toEqual([201, first.body]);
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(await partnersCalled('Once only')).toHaveLength(1);
  });

  test('does not pay an import twice, whatever the file says', async () => {
    const campaign = await stack.campaign();
    const said = { partner_id: campaign.partnerId, rows: [{ click_id: campaign.clickId, payout: '5', transaction_id: 'I-1' }] };
    const key = newKey();
    const first = await post(key, '/conversions/import', said);
    expect(first.body.counts.accepted).toBe(1);
    expect((await post(key, '/conversions/import', said)).body).toEqual(first.body);
    expect((await post(newKey(), '/conversions/import', said)).body.counts.duplicate).toBe(1);
  });

  test('shows a secret once: the repetition answers everything except the secret', async () => {
    const { partnerId } = await stack.campaign();
    const key = newKey();
    const asked = { partner_id: partnerId, label: 'again' };
    const first = await post(key, '/postback-receiver/generate-key', asked);
    const second = await post(key, '/postback-receiver/generate-key', asked);
    expect(second.status).toBe(first.status);
    expect(second.body).toMatchObject({ success: true, key_id: first.body.key_id });
    expect(second.body).not.toHaveProperty('unique_key');
    expect(second.body.postback_url).toBe(first.body.postback_url.replaceAll(first.body.unique_key, '{key}'));
    const listed = await stack.adminOk('GET', `/partners/${partnerId}/keys`);
    expect(listed.keys.filter(({ label }: AnyBody) => label === 'again')).toHaveLength(1);
    for (const [path, body] of [
      ['/publishers', { name: 'Secretive' }],
      ['/tokens', { name: 'Secretive', role: 'viewer' }],
    ] as const) {
      const again = newKey();
      const shown = await post(again, path, body);
      const repeated = await post(again, path, body);
      expect(repeated.status).toBe(201);
      expect(JSON.stringify(shown.body)).toMatch(/"(?:secret|token)":"/);
      expect(JSON.stringify(repeated.body)).not.toMatch(/"(?:secret|token)":"/);
    }
  });

  test('is refused while the first one is running, and exactly one is done', async () => {
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(key, '/partners', { partner_name: 'Beside' })));
    const refused = answers.filter(({ status }) => status === 409);
    for (const { body } of refused) expect(body.code).toBe('idempotency_conflict');
    const done = answers.filter(({ status }) => status === 201);
    expect(refused.length + done.length).toBe(8);
    expect(new Set(done.map(({ body }) => body.partner.partner_id)).size).toBe(1);
    expect(await partnersCalled('Beside')).toHaveLength(1);
  });

  test('is refused for another body, path or query under the same key, and free for another caller', async () => {
    const key = newKey();
    await post(key, '/partners', { partner_name: 'Mine' });
    for (const [path, body] of [
      ['/partners', { partner_name: 'Other' }],
      ['/publishers', { partner_name: 'Mine' }],
      ['/partners?x=1', { partner_name: 'Mine' }],
    ] as const) {
      const answer = await post(key, path, body);
      expect([path, answer.status, answer.body.code]).toEqual([path, 409, 'idempotency_key_reused']);
    }
    const { token } = await stack.adminOk('POST', '/tokens', { name: 'somebody else', role: 'admin' });
    expect((await post(key, '/partners', { partner_name: 'Other' }, token.token)).status).toBe(201);
  });

  test('that was refused is answered with the same refusal', async () => {
    const key = newKey();
    const first = await post(key, '/partners', {});
    expect(first.status).toBe(400);
    expect((await post(key, '/partners', {})).body).toEqual(first.body);
  });

  test('needs a key of 1 to 255 characters', async () => {
    const answer = await post('x'.repeat(256), '/partners', { partner_name: 'Long' });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_idempotency_key']);
  });

  test("shows a token with fewer rights nothing of another token's answer", async () => {
    const key = newKey();
    await post(key, '/partners', { partner_name: 'Not yours' });
    const { token } = await stack.adminOk('POST', '/tokens', { name: 'looks', role: 'viewer' });
    expect((await post(key, '/partners', { partner_name: 'Not yours' }, token.token)).status).toBe(403);
  });
});

describe('what is known of a request', () => {
  const minute = 60_000;
  let now = Date.now();
  let store: ReturnType<typeof createRepetitions<{ said: string }>>;
  let client: DynamoDBClient;
  beforeAll(() => {
    const { region, endpoints, tables } = stack.system;
    client = new DynamoDBClient({ region, endpoint: endpoints.dynamodb, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
    const options = { read: (kept: unknown) => kept as { said: string }, tooLarge: { said: 'too large' }, now: () => now };
    store = createRepetitions(DynamoDBDocumentClient.from(client), tables.get('Statistics')?.name ?? '', options);
  });
  afterAll(() => client.destroy());
  const begun = async (id: string, request = 'request') => {
    const begins = await store.begin(id, request);
    if (begins.kind !== 'begun') throw new Error(begins.kind);
    return begins.turn;
  };

  test('lets a request repeat that has crashed, as soon as nothing of it can still run', async () => {
    const id = newKey();
    const turn = await begun(id);
    now += 20_000;
    expect(await store.begin(id, 'request')).toEqual({ kind: 'running' });
    now += minute;
    const second = await begun(id);
    // A caller that was believed to be gone does not decide the answer of the other.
    await store.finish(id, turn, { said: 'first' });
    expect(await store.begin(id, 'request')).toEqual({ kind: 'running' });
    await store.finish(id, second, { said: 'second' });
    expect(await store.begin(id, 'request')).toEqual({ kind: 'answered', answer: { said: 'second' } });
  });

  test('is forgotten at once when the request failed on our side', async () => {
    const id = newKey();
    await store.release(id, await begun(id));
    expect((await store.begin(id, 'another')).kind).toBe('begun');
  });

  test('is kept for a day', async () => {
    const id = newKey();
    await store.finish(id, await begun(id), { said: 'today' });
    now += 23 * 60 * minute;
    expect((await store.begin(id, 'request')).kind).toBe('answered');
    expect((await store.begin(id, 'another')).kind).toBe('other_request');
    now += 2 * 60 * minute;
    expect((await store.begin(id, 'another')).kind).toBe('begun');
  });

  test('says so when the answer is larger than the store accepts', async () => {
    const id = newKey();
    await store.finish(id, await begun(id), { said: randomBytes(600_000).toString('base64') });
    expect(await store.begin(id, 'request')).toEqual({ kind: 'answered', answer: { said: 'too large' } });
  });
});

test('a kept answer contains no secret, wherever in the answer it was', () => {
  const shown = { token: { token: 'pbt_1', name: 'x' }, links: [{ full_url: 'https://h/postback/k-9?c=1', unique_key: 'k-9' }] };
  expect(JSON.parse(withoutSecrets(JSON.stringify(shown)))).toEqual({
    token: { name: 'x' },
    links: [{ full_url: 'https://h/postback/{key}?c=1' }],
  });
  expect(withoutSecrets('a,b\r\n')).toBe('a,b\r\n');
});
