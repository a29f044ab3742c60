import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LocalStack } from '../../support/local-stack.ts';

let stack: LocalStack;
let viewer: string;
beforeAll(async () => {
  // Keys are read from the store each time, so that the tests need not wait until the memory of 60 s has expired.
  stack = await LocalStack.start();
  viewer = (await stack.adminOk('POST', '/tokens', { name: 'looks', role: 'viewer' })).token.token;
});
afterAll(() => stack?.stop());

const partner = async (): Promise<string> => (await stack.adminOk('POST', '/partners', { partner_name: 'Keyed' })).partner.partner_id;
const issue = (body: object) => stack.adminOk('POST', '/postback-receiver/generate-key', body);
const keysOf = async (id: string) => (await stack.adminOk('GET', `/partners/${id}/keys`)).keys;
/** The answer for a dead key is 404 `invalid_key`; that for a live one is `missing_click_id`. */
const codeOf = async (key: string) => (await stack.postback(key, { note: 'x' })).body.code;

describe('a key', () => {
  test('is 32 URL-safe characters, shown once with the URL to use', async () => {
    const partner_id = await partner();
    const issued = await issue({ partner_id });
    expect(issued).toEqual({
      success: true,
      unique_key: expect.stringMatching(/^[A-Za-z0-9_-]{32}$/),
      key_id: expect.stringMatching(/^KEY-/),
      postback_url: `${stack.url}/postback/${issued.unique_key}`,
      postback_urls: [`${stack.url}/postback/${issued.unique_key}`],
      label: 'production',
    });
    expect(await codeOf(issued.unique_key)).toBe('missing_click_id');
    const [key] = await keysOf(partner_id);
    expect(key).toEqual({
      key_id: issued.key_id,
      prefix: issued.unique_key.slice(0, 6),
      label: 'production',
      status: 'active',
      created_at: expect.any(String),
      expires_at: null,
      last_used_at: key.last_used_at,
    });
    await stack.eventually(async () => expect((await keysOf(partner_id))[0].last_used_at).toMatch(/Z$/));
    const everything = JSON.stringify(await Promise.all([keysOf(partner_id), stack.adminOk('GET', '/audit')]));
    expect(everything).not.toContain(issued.unique_key);
    expect(everything).not.toContain('key_hash');
  });

  test("is part of the partner's own URL if it has one", async () => {
    const { partner: made } = await stack.adminOk('POST', '/partners', { partner_name: 'x', public_base_url: 'https://pb.example.com/x' });
    const issued = await issue({ partner_id: made.partner_id });
    expect(issued.postback_url).toBe(`https://pb.example.com/x/postback/${issued.unique_key}`);
  });

  test('is replaced at once by another with its label, and lives beside one with another label', async () => {
    const partner_id = await partner();
    const first = await issue({ partner_id, label: 'Production' });
    const backup = await issue({ partner_id, label: 'backup' });
    const second = await issue({ partner_id });
    expect(await codeOf(first.unique_key)).toBe('invalid_key');
    expect(await codeOf(backup.unique_key)).toBe('missing_click_id');
    expect(await codeOf(second.unique_key)).toBe('missing_click_id');
    const keys = await keysOf(partner_id);
    expect(keys.map(({ label, status }: Record<string, string>) => [label, status])).toEqual([
      ['production', 'active'],
      ['backup', 'active'],
      ['production', 'revoked'],
    ]);
  });

  test('works until the end of its grace period when it is rotated, and no longer', async () => {
    const partner_id = await partner();
    const first = await issue({ partner_id });
    const second = await issue({ partner_id, grace_seconds: 2 });
    expect(await codeOf(first.unique_key)).toBe('missing_click_id');
    expect(await codeOf(second.unique_key)).toBe('missing_click_id');
    await stack.eventually(async () => expect(await codeOf(first.unique_key)).toBe('invalid_key'));
    expect(await codeOf(second.unique_key)).toBe('missing_click_id');
    const [, old] = await keysOf(partner_id);
    expect(old).toMatchObject({ key_id: first.key_id, status: 'expired', expires_at: expect.any(String) });
  });

  test('in its grace period ends with the next rotation without one', async () => {
    const partner_id = await partner();
    const first = await issue({ partner_id });
    await issue({ partner_id, grace_seconds: 3_600 });
    await issue({ partner_id });
    expect(await codeOf(first.unique_key)).toBe('invalid_key');
  });

  test('is the only one with its label, however many are requested at once', async () => {
    const partner_id = await partner();
    await Promise.all(Array.from({ length: 5 }, () => issue({ partner_id })));
    const keys = await keysOf(partner_id);
    expect(keys).toHaveLength(5);
    expect(keys.filter(({ status }: { status: string }) => status === 'active')).toHaveLength(1);
  });

  test('can be revoked, stays in the list and is dead', async () => {
    const partner_id = await partner();
    const { key_id, unique_key } = await issue({ partner_id });
    expect((await stack.admin('DELETE', `/partners/${partner_id}/keys/${key_id}`)).status).toBe(204);
    expect(await codeOf(unique_key)).toBe('invalid_key');
    expect(await keysOf(partner_id)).toMatchObject([{ key_id, status: 'revoked' }]);
    const { entries } = await stack.adminOk('GET', `/audit?kind=key&id=${key_id}`);
    expect(entries.map(({ action }: { action: string }) => action)).toEqual(['key.revoked', 'key.issued']);
  });

  test('of another partner cannot be revoked through this one', async () => {
    const { key_id } = await issue({ partner_id: await partner() });
    const answer = await stack.admin('DELETE', `/partners/${await partner()}/keys/${key_id}`);
    expect([answer.status, answer.body.code]).toEqual([404, 'key_not_found']);
  });

  test.each([
    ['partner_id', 400, {}],
    ['partner_id', 404, { partner_id: 'nobody' }],
    ['label', 400, { partner_id: 'x', label: 'has blank' }],
    ['grace_seconds', 400, { partner_id: 'x', grace_seconds: -1 }],
    ['grace_seconds', 400, { partner_id: 'x', grace_seconds: 1.5 }],
  ])('is not issued for a bad %s (%d)', async (field, status, body) => {
    const answer = await stack.admin('POST', '/postback-receiver/generate-key', body);
    expect(answer.status).toBe(status);
    expect(answer.body.message).toContain(field);
  });

  test('is listed for viewers and issued or revoked by admins only', async () => {
    const partner_id = await partner();
    const { key_id } = await issue({ partner_id });
    expect((await stack.admin('GET', `/partners/${partner_id}/keys`, undefined, viewer)).status).toBe(200);
    expect((await stack.admin('POST', '/postback-receiver/generate-key', { partner_id }, viewer)).status).toBe(403);
    expect((await stack.admin('DELETE', `/partners/${partner_id}/keys/${key_id}`, undefined, viewer)).status).toBe(403);
    expect((await stack.admin('POST', '/postback-receiver/generate-quick', {}, viewer)).status).toBe(403);
    expect((await stack.admin('GET', '/partners/nobody/keys')).body.code).toBe('partner_not_found');
  });
});

describe('a quick URL', () => {
  test('names the parameters as the partner does, and the partner is read that way', async () => {
    const made = await stack.adminOk('POST', '/postback-receiver/generate-quick', {
      parameters: ['click_id', 'payout', 'status'],
      custom_params: ['survey_name'],
      partner_name: 'Quick Surveys',
      parameter_mappings: { click_id: 'aff_sub', payout: 'money' },
    });
    expect(made).toMatchObject({
      success: true,
      partner_name: 'Quick Surveys',
      parameters: ['aff_sub', 'money', 'status', 'survey_name'],
      base_url: `${stack.url}/postback/${made.unique_key}`,
      full_url: `${stack.url}/postback/${made.unique_key}?aff_sub={aff_sub}&money={money}&status={status}&survey_name={survey_name}`,
    });
    const { partner: read } = await stack.adminOk('GET', `/partners/${made.partner_id}`);
    expect(read.parameter_mapping).toEqual({ aff_sub: 'click_id', money: 'payout' });

    const { offer } = await stack.adminOk('POST', '/offers', {
      partner_id: made.partner_id,
      name: 'O',
      target_url: 'https://example.com/{click_id}',
      revenue_share_percent: 50,
    });
    const { publisher } = await stack.adminOk('POST', '/publishers', { name: 'P' });
    const { click } = await stack.adminOk('POST', '/clicks', {
      offer_id: offer.offer_id,
      publisher_id: publisher.publisher_id,
      user_id: 'u',
    });
    const values: Record<string, string> = { aff_sub: click.click_id, money: '8.00', status: 'approved', survey_name: 'Cars & more' };
    const url = made.full_url.replaceAll(/\{(\w+)\}/g, (_: string, name: string) => encodeURIComponent(values[name] ?? ''));
    const answer = await stack.request(url.slice(stack.url.length));
    expect(answer.body).toMatchObject({ result: 'accepted' });
    await stack.eventually(async () => expect(Number((await stack.points(publisher.publisher_id, 'u')).balance)).toBe(4));
  });

  test('without any parameters is a URL for a new partner', async () => {
    const made = await stack.adminOk('POST', '/postback-receiver/generate-quick', {});
    expect(made.full_url).toMatch(
      /\/postback\/[\w-]{32}\?click_id=\{click_id\}&payout=\{payout\}&status=\{status\}&transaction_id=\{transaction_id\}$/,
    );
    expect(made.partner_name).toMatch(/^Partner of /);
  });

  test('of a network that adds its parameters by itself has none', async () => {
    const { partner } = await stack.adminOk('POST', '/partners', { partner_name: 'Adds its own', preset: 'offerdaddy' });
    const made = await stack.adminOk('POST', '/postback-receiver/generate-quick', { partner_name: partner.partner_name });
    expect(made).toMatchObject({ partner_id: partner.partner_id, full_url: made.base_url, parameters: [] });
  });

  test('for a partner that exists adds a key and leaves its others alive', async () => {
    const first = await stack.adminOk('POST', '/postback-receiver/generate-quick', { partner_name: 'Twice' });
    const second = await stack.adminOk('POST', '/postback-receiver/generate-quick', {
      partner_name: 'Twice',
      parameter_mappings: { click_id: 'sid' },
    });
    expect(second.partner_id).toBe(first.partner_id);
    expect(await codeOf(first.unique_key)).toBe('missing_click_id');
    expect((await stack.adminOk('GET', `/partners/${first.partner_id}`)).partner.parameter_mapping).toEqual({});
    expect(second.full_url).toContain('?click_id={click_id}&');
  });

  test.each([
    ['parameters.0', { parameters: ['a&b'] }],
    ['custom_params', { custom_params: 'x' }],
    ['parameter_mappings', { parameter_mappings: { not_ours: 'x' } }],
    ['partner_name', { partner_name: '' }],
  ])('is refused with 400 naming %s', async (field, body) => {
    const answer = await stack.admin('POST', '/postback-receiver/generate-quick', body);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain(field);
  });
});
