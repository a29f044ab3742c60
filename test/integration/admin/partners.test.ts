import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LocalStack } from '../../support/local-stack.ts';

let stack: LocalStack;
let viewer: string;
beforeAll(async () => {
  stack = await LocalStack.start();
  viewer = (await stack.adminOk('POST', '/tokens', { name: 'looks', role: 'viewer' })).token.token;
});
afterAll(() => stack?.stop());

const create = async (body: object = {}) => (await stack.adminOk('POST', '/partners', { partner_name: 'A partner', ...body })).partner;

describe('a partner', () => {
  test('is created with every field at its default, under an id of ours', async () => {
    const { status, body } = await stack.admin('POST', '/partners', { partner_name: '  Plain  ' });
    expect(status).toBe(201);
    expect(body.partner).toEqual({
      partner_id: expect.stringMatching(/^PARTNER-[0-9A-Z]{26}$/),
      partner_name: 'Plain',
      status: 'active',
      mode: 'standard',
      forward_to: [],
      preset: null,
      network_settings: null,
      repeat: null,
      match_by_transaction: null,
      negative_payout: null,
      parameter_mapping: {},
      parameter_defaults: {},
      status_mapping: {},
      signing: { configured: false, secrets: 0 },
      public_base_url: null,
      allowed_ips: null,
      ip_policy: 'flag',
      fallback_matching: 'unique',
      response: null,
      currency: 'USD',
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      updated_at: body.partner.created_at,
    });
    expect((await stack.adminOk('GET', `/partners/${body.partner.partner_id}`)).partner).toEqual(body.partner);
  });

  test('keeps everything that contract 4 names', async () => {
    const publisher = (await stack.adminOk('POST', '/publishers', { name: 'P' })).publisher.publisher_id;
    const sent = {
      partner_id: 'whole.partner-1',
      partner_name: 'Whole',
      preset: 'cpx',
      parameter_mapping: { aff_tx: 'transaction_id', money: 'amount', coins: null, 'data.user': 'user_id' },
      network_settings: { repeat: 'once', statuses: { words: { odd: 'log' } }, test: null },
      repeat: 'per_transaction',
      match_by_transaction: true,
      negative_payout: 'reverses',
      parameter_defaults: { currency: 'EUR', payout: 1.5 },
      status_mapping: { '7': 'approved', Weird: 'rejected' },
      signing: { secret: 's3cret-one' },
      public_base_url: 'https://track.example.com/prefix/',
      allowed_ips: ['192.0.2.1', '2001:db8::/32', '198.51.100.0/24'],
      ip_policy: 'enforce',
      fallback_matching: 'latest',
      mode: 'forward_only',
      forward_to: [publisher],
      response: { content_type: 'text/plain', success: '1', duplicate: '2' },
      currency: 'eur',
      status: 'inactive',
    };
    expect(await create(sent)).toMatchObject({
      ...sent,
      parameter_mapping: { aff_tx: 'transaction_id', money: 'payout', coins: null, 'data.user': 'user_id' },
      parameter_defaults: { currency: 'EUR', payout: '1.5' },
      signing: { configured: true, secrets: 1 },
      public_base_url: 'https://track.example.com/prefix',
      currency: 'EUR',
    });
  });

  test.each([
    ['partner_name', {}],
    ['partner_name', { partner_name: ' ' }],
    ['colour', { partner_name: 'x', colour: 'red' }],
    ['partner_id', { partner_name: 'x', partner_id: 'has#hash' }],
    ['preset', { partner_name: 'x', preset: 'nobody' }],
    ['parameter_mapping.theirs', { partner_name: 'x', parameter_mapping: { theirs: 'not_ours' } }],
    ['parameter_defaults.nothing', { partner_name: 'x', parameter_defaults: { nothing: '1' } }],
    ['status_mapping.7', { partner_name: 'x', status_mapping: { '7': 'maybe' } }],
    ['allowed_ips', { partner_name: 'x', allowed_ips: ['300.1.1.1'] }],
    ['allowed_ips', { partner_name: 'x', allowed_ips: ['10.0.0.0/33'] }],
    ['allowed_ips', { partner_name: 'x', allowed_ips: ['example.com'] }],
    ['ip_policy', { partner_name: 'x', ip_policy: 'maybe' }],
    ['fallback_matching', { partner_name: 'x', fallback_matching: 'guess' }],
    ['mode', { partner_name: 'x', mode: 'other' }],
    ['forward_to', { partner_name: 'x', mode: 'forward_only' }],
    ['signing.secret', { partner_name: 'x', signing: { secret: '' } }],
    ['signing', { partner_name: 'x', signing: { secret: 'of which nothing says the use' } }],
    ['network_settings', { partner_name: 'x', network_settings: { signing: { algorithm: 'md5' } } }],
    ['network_settings.signing.message', { partner_name: 'x', preset: 'tapjoy', network_settings: { signing: { message: '{id}' } } }],
    ['public_base_url', { partner_name: 'x', public_base_url: 'ftp://example.com' }],
    ['public_base_url', { partner_name: 'x', public_base_url: 'https://example.com/?a=1' }],
    ['currency', { partner_name: 'x', currency: 'EURO' }],
    ['status', { partner_name: 'x', status: 'gone' }],
    ['response.body', { partner_name: 'x', response: { body: 'OK' } }],
  ])('is refused with 400 naming %s: %j', async (field, body) => {
    const answer = await stack.admin('POST', '/partners', body);
    expect([answer.status, answer.body.status, answer.body.code]).toEqual([400, 'error', 'invalid_body']);
    expect(answer.body.message).toContain(`${field}:`);
  });

  test('whose id is taken is refused with 409', async () => {
    const { partner_id } = await create();
    const again = await stack.admin('POST', '/partners', { partner_id, partner_name: 'Again' });
    expect([again.status, again.body.code]).toEqual([409, 'already_exists']);
  });

  test('that forwards to an unknown publisher is refused with 404', async () => {
    const answer = await stack.admin('POST', '/partners', { partner_name: 'x', mode: 'forward_only', forward_to: ['nobody'] });
    expect([answer.status, answer.body.code]).toEqual([404, 'publisher_not_found']);
  });

  test('is changed field by field, and null clears', async () => {
    const { partner_id, created_at } = await create({ preset: 'cpx', currency: 'EUR', status_mapping: { '7': 'approved' } });
    const changed = (await stack.adminOk('PATCH', `/partners/${partner_id}`, { partner_name: 'New name', preset: null, currency: null }))
      .partner;
    expect(changed).toMatchObject({
      partner_name: 'New name',
      preset: null,
      currency: 'USD',
      status_mapping: { '7': 'approved' },
      created_at,
    });
    expect((await stack.adminOk('GET', `/partners/${partner_id}`)).partner).toEqual(changed);
  });

  test('loses no change when many are made at once', async () => {
    const { partner_id } = await create();
    await Promise.all([
      stack.adminOk('PATCH', `/partners/${partner_id}`, { currency: 'EUR' }),
      stack.adminOk('PATCH', `/partners/${partner_id}`, { ip_policy: 'off' }),
      stack.adminOk('PATCH', `/partners/${partner_id}`, { fallback_matching: 'off' }),
      stack.adminOk('PATCH', `/partners/${partner_id}`, { status: 'inactive' }),
    ]);
    const { partner } = await stack.adminOk('GET', `/partners/${partner_id}`);
    expect(partner).toMatchObject({ currency: 'EUR', ip_policy: 'off', fallback_matching: 'off', status: 'inactive' });
  });

  test('has at most two signing secrets: a new one is valid beside the one before, unless it replaces it', async () => {
    const { partner_id } = await create({ preset: 'generic_hmac', signing: { secret: 'one' } });
    const change = async (signing: unknown) => (await stack.adminOk('PATCH', `/partners/${partner_id}`, { signing })).partner.signing;
    expect(await change({ secret: 'two' })).toEqual({ configured: true, secrets: 2 });
    expect(await change({ secret: 'three' })).toEqual({ configured: true, secrets: 2 });
    expect(await change({ secret: 'four', replace: true })).toEqual({ configured: true, secrets: 1 });
    expect(await change(null)).toEqual({ configured: false, secrets: 0 });
  });

  test('never shows its secret again, in no answer and not in the audit', async () => {
    const secret = 'a-very-secret-secret';
    const { partner_id } = await create({ preset: 'generic_hmac', signing: { secret } });
    await stack.adminOk('PATCH', `/partners/${partner_id}`, { signing: { secret: `${secret}-2` } });
    const answers = await Promise.all(['/partners', `/partners/${partner_id}`, '/audit'].map((path) => stack.adminOk('GET', path)));
    const sealed = JSON.stringify(answers);
    expect(sealed).not.toContain(secret);
    expect(sealed).not.toContain('signing_secrets');
  });

  test('that is deleted takes its offers with it', async () => {
    const { partner_id } = await create();
    const { offer } = await stack.adminOk('POST', '/offers', { partner_id, name: 'O', target_url: 'https://example.com/?c={click_id}' });
    expect((await stack.admin('DELETE', `/partners/${partner_id}`)).status).toBe(204);
    expect((await stack.admin('GET', `/offers/${offer.offer_id}`)).status).toBe(404);
    expect((await stack.adminOk('GET', `/offers?partner_id=${partner_id}`)).offers).toEqual([]);
    const { entries } = await stack.adminOk('GET', '/audit?limit=5');
    expect(entries.map(({ action }: { action: string }) => action)).toEqual(expect.arrayContaining(['offer.deleted', 'partner.deleted']));
  });

  test('that is deleted is gone, and its keys with it', async () => {
    const { partner_id } = await create();
    const { unique_key } = await stack.adminOk('POST', '/postback-receiver/generate-key', { partner_id });
    expect((await stack.admin('DELETE', `/partners/${partner_id}`)).status).toBe(204);
    expect((await stack.admin('GET', `/partners/${partner_id}`)).status).toBe(404);
    expect((await stack.admin('DELETE', `/partners/${partner_id}`)).body.code).toBe('partner_not_found');
    expect((await stack.postback(unique_key, { click_id: 'CLK-1' })).status).toBe(404);
  });

  test('that does not exist is not found', async () => {
    for (const [method, body] of [['GET'], ['PATCH', { currency: 'EUR' }], ['DELETE']] as const) {
      const answer = await stack.admin(method, '/partners/nobody', body);
      expect([answer.status, answer.body.code]).toEqual([404, 'partner_not_found']);
    }
  });

  test('can be seen by a viewer but not changed', async () => {
    const { partner_id } = await create();
    expect((await stack.admin('GET', `/partners/${partner_id}`, undefined, viewer)).status).toBe(200);
    expect((await stack.admin('GET', '/partners', undefined, viewer)).status).toBe(200);
    for (const [method, path, body] of [
      ['POST', '/partners', { partner_name: 'x' }],
      ['PATCH', `/partners/${partner_id}`, { currency: 'EUR' }],
      ['DELETE', `/partners/${partner_id}`, undefined],
    ] as const) {
      const answer = await stack.admin(method, path, body, viewer);
      expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    }
  });

  test('is found in the list by status, preset and name', async () => {
    const { partner_id } = await create({ partner_name: 'Found by name', preset: 'ayet', status: 'inactive' });
    await create({ partner_name: 'Another', preset: 'ayet' });
    const ids = async (query: string) =>
      (await stack.adminOk('GET', `/partners?${query}`)).partners.map((partner: { partner_id: string }) => partner.partner_id);
    expect(await ids('preset=ayet&status=inactive')).toEqual([partner_id]);
    expect(await ids('partner_name=Found%20by%20name')).toEqual([partner_id]);
    expect(await ids('partner_name=nobody')).toEqual([]);
  });

  test('that was deleted leaves its id, and so its clicks, to nobody else', async () => {
    const { partner_id } = await create({ partner_name: 'Gone' });
    await stack.adminOk('DELETE', `/partners/${partner_id}`);
    expect(await stack.admin('POST', '/partners', { partner_id, partner_name: 'Heir' })).toMatchObject({
      status: 409,
      body: { code: 'already_exists' },
    });
    for (const [method, path] of [
      ['GET', `/partners/${partner_id}`],
      ['DELETE', `/partners/${partner_id}`],
      ['POST', '/postback-receiver/generate-key'],
      ['POST', '/postback-receiver/test'],
    ] as const) {
      const body = method === 'POST' ? { partner_id, ...(path.endsWith('test') ? { params: {} } : {}) } : undefined;
      expect([path, (await stack.admin(method, path, body)).status]).toEqual([path, 404]);
    }
    expect((await stack.adminOk('GET', '/partners?partner_name=Gone')).partners).toEqual([]);
  });

  test('has each change of its secret in the audit, even if as many are valid as before, and the keys that were deleted with it', async () => {
    const { partner_id } = await create({ preset: 'generic_hmac', signing: { secret: 'the first secret' } });
    const { key_id } = await stack.adminOk('POST', '/postback-receiver/generate-key', { partner_id });
    for (const signing of [{ secret: 'the second' }, { secret: 'the third' }, { secret: 'the third', replace: true }, null])
      await stack.adminOk('PATCH', `/partners/${partner_id}`, { signing });
    await stack.adminOk('PATCH', `/partners/${partner_id}`, { currency: 'EUR' });
    await stack.adminOk('DELETE', `/partners/${partner_id}`);
    const ofPartner = (await stack.adminOk('GET', `/audit?kind=partner&id=${partner_id}`)).entries as {
      action: string;
      before: unknown;
      after: unknown;
    }[];
    const secrets = ofPartner.filter(({ action }) => action.startsWith('partner.secret'));
    expect(secrets.map(({ action, before, after }) => [action, before, after]).reverse()).toEqual([
      ['partner.secret_replaced', { secrets: 1 }, { secrets: 2 }],
      ['partner.secret_replaced', { secrets: 2 }, { secrets: 2 }],
      ['partner.secret_replaced', { secrets: 2 }, { secrets: 1 }],
      ['partner.secret_removed', { secrets: 1 }, { secrets: 0 }],
    ]);
    expect((await stack.adminOk('GET', `/audit?kind=key&id=${key_id}`)).entries.map(({ action }: { action: string }) => action)).toEqual([
      'key.revoked',
      'key.issued',
    ]);
  });

  test('is audited with its state before and after each change', async () => {
    const { partner_id } = await create();
    await stack.adminOk('PATCH', `/partners/${partner_id}`, { currency: 'EUR' });
    await stack.adminOk('DELETE', `/partners/${partner_id}`);
    const { entries } = await stack.adminOk('GET', `/audit?kind=partner&id=${partner_id}`);
    expect(
      entries.map(({ action, by, before, after }: Record<string, { currency?: string } | null>) => [
        action,
        by,
        before?.currency,
        after?.currency,
      ]),
    ).toEqual([
      ['partner.deleted', 'deployment', 'EUR', undefined],
      ['partner.updated', 'deployment', 'USD', 'EUR'],
      ['partner.created', 'deployment', undefined, 'USD'],
    ]);
  });
});
