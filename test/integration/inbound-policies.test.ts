import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { Campaign } from '../support/local-stack.ts';
import { everythingStored } from '../support/tables.ts';

/** Contract 1.8: the settings of a partner: IP addresses, signing secrets, bodies of answers. */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
});
afterAll(() => inbound.stop());

describe('IP addresses', () => {
  const rules: [rule: string, partner: object, status: number, flags: string[]][] = [
    ['enforce lets a listed address in', { allowed_ips: ['127.0.0.1'], ip_policy: 'enforce' }, 200, []],
    ['enforce lets a listed range in', { allowed_ips: ['192.0.2.1', '127.0.0.1/32'], ip_policy: 'enforce' }, 200, []],
    ['a range is arithmetic, not text', { allowed_ips: ['127.0.0.64/25'], ip_policy: 'enforce' }, 200, []],
    ['a mapped range holds IPv4 addresses', { allowed_ips: ['::ffff:127.0.0.0/104'], ip_policy: 'enforce' }, 200, []],
    ['enforce refuses every other', { allowed_ips: ['127.0.0.2', '2001:db8::/32'], ip_policy: 'enforce' }, 403, []],
    ['enforce refuses 127.0.0.1 for 127.0.0.10', { allowed_ips: ['127.0.0.10'], ip_policy: 'enforce' }, 403, []],
    ['enforce refuses all when none is listed', { allowed_ips: [], ip_policy: 'enforce' }, 403, []],
    ['flag lets every other in, and says so', { allowed_ips: ['192.0.2.0/24'], ip_policy: 'flag' }, 200, ['address_not_listed']],
    ['flag is the default', { allowed_ips: ['192.0.2.0/24'] }, 200, ['address_not_listed']],
    ['off does not look', { allowed_ips: ['192.0.2.0/24'], ip_policy: 'off' }, 200, []],
    ["the preset's list is the default", { preset: 'adgate', ip_policy: 'enforce' }, 403, []],
    ["the partner's list replaces the preset's", { preset: 'adgate', allowed_ips: ['127.0.0.1'], ip_policy: 'enforce' }, 200, []],
    ["the preset's list flags by default", { preset: 'adgate' }, 200, ['address_not_listed']],
    ['no list, nothing to enforce', { ip_policy: 'enforce' }, 200, []],
  ];
  test.each(rules)('%s', async (_rule, partner, status, flags) => {
    const own = await inbound.stack.campaign({ partner });
    const { answer, log } = await inbound.send(own.key, { s2: own.clickId, click_id: own.clickId, payout: '5.00' });
    expect(answer.status).toBe(status);
    expect(log).toMatchObject({ code: status === 200 ? null : 'ip_not_allowed', flags });
    expect(await inbound.balance(own)).toBe(status === 200 ? '4.00' : '0.00');
  });

  test('are not taken from X-Forwarded-For', async () => {
    const own = await inbound.stack.campaign({ partner: { allowed_ips: ['192.0.2.1'], ip_policy: 'enforce' } });
    const { answer } = await inbound.send(
      own.key,
      { click_id: own.clickId, payout: '5.00' },
      { headers: { 'x-forwarded-for': '192.0.2.1' } },
    );
    expect(answer.status).toBe(403);
  });
});

/** Signs as `generic_hmac` does. */
function signed(own: Campaign, secret: string, clickId: string): [query: string, options: { headers: Record<string, string> }] {
  const query = `click_id=${clickId}&payout=5.00`;
  const time = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', secret)
    .update(`${time}.${new URL(`${inbound.stack.url}/postback/${own.key}`).pathname}?${query}`)
    .digest('hex');
  return [query, { headers: { 'X-Signature': signature, 'X-Timestamp': time } }];
}

describe('signing secrets', () => {
  const secret = 'first-Secret-8f3a9c';
  const next = 'second-Secret-77b1e0';
  const outcome = async (own: Campaign, with_: string) => {
    const [query, options] = signed(own, with_, await own.newClick());
    const { body } = await inbound.stack.postback(own.key, query, options);
    return body.result ?? body.code;
  };

  test('are never shown again, nor stored in clear', async () => {
    const own = await inbound.stack.campaign({ partner: { preset: 'generic_hmac', signing: { secret } } });
    expect(await outcome(own, secret)).toBe('accepted');
    await inbound.stack.adminOk('PATCH', `/partners/${own.partnerId}`, { partner_name: 'Renamed' });
    const shown = await Promise.all(
      [`/partners/${own.partnerId}`, '/partners', '/audit', `/received-postbacks?partner_id=${own.partnerId}`].map(async (path) =>
        JSON.stringify((await inbound.stack.admin('GET', path)).body),
      ),
    );
    const functions = ['receiver', 'processor', 'admin', 'authorizer'].flatMap((name) => inbound.stack.system.log(name));
    for (const text of [...shown, ...functions, await everythingStored(inbound.stack)]) expect(text).not.toContain(secret);
    expect(JSON.parse(shown[0] ?? '').partner.signing).toEqual({ configured: true, secrets: 1 });
  });

  test('are both valid during a rotation; then only the new one is', async () => {
    const own = await inbound.stack.campaign({ partner: { preset: 'generic_hmac', signing: { secret } } });
    expect([await outcome(own, secret), await outcome(own, next)]).toEqual(['accepted', 'signature_invalid']);
    await inbound.stack.adminOk('PATCH', `/partners/${own.partnerId}`, { signing: { secret: next } });
    expect([await outcome(own, secret), await outcome(own, next)]).toEqual(['accepted', 'accepted']);
    await inbound.stack.adminOk('PATCH', `/partners/${own.partnerId}`, { signing: { secret: next, replace: true } });
    expect([await outcome(own, secret), await outcome(own, next)]).toEqual(['signature_invalid', 'accepted']);
  });

  test('make us refuse unsigned requests while one is set; when it is removed, no signature is checked', async () => {
    const own = await inbound.stack.campaign();
    const unsigned = async () => (await inbound.stack.postback(own.key, { click_id: await own.newClick(), payout: '5.00' })).status;
    expect(await unsigned()).toBe(200);
    await inbound.stack.adminOk('PATCH', `/partners/${own.partnerId}`, { preset: 'generic_hmac', signing: { secret } });
    expect(await unsigned()).toBe(403);
    await inbound.stack.adminOk('PATCH', `/partners/${own.partnerId}`, { signing: null });
    expect(await unsigned()).toBe(200);
  });

  test('cover the URL that the partner called, if its network signs the full URL', async () => {
    const base = 'https://track.partner.example/pb';
    const own = await inbound.stack.campaign({ partner: { preset: 'bitlabs', signing: { secret }, public_base_url: base } });
    const query = (clickId: string) => `uid=${clickId}&tx=T&raw=5.00&type=COMPLETE`;
    const hash = (address: string) => createHmac('sha1', secret).update(address).digest('hex');
    const wrong = `${query(own.clickId)}&hash=${hash(`${inbound.stack.url}/postback/${own.key}?${query(own.clickId)}`)}`;
    const right = `${query(own.clickId)}&hash=${hash(`${base}/postback/${own.key}?${query(own.clickId)}`)}`;
    expect((await inbound.stack.postback(own.key, wrong)).status).toBe(403);
    expect((await inbound.stack.postback(own.key, right)).status).toBe(200);
  });
});

describe('bodies of a 200', () => {
  const bodies = async (partner: object): Promise<unknown[]> => {
    const own = await inbound.stack.campaign({ partner });
    const sent = { click_id: own.clickId, subId: own.clickId, userID: own.clickId, payout: '5.00', revenue: '5.00' };
    const first = await inbound.stack.postback(own.key, sent);
    const again = await inbound.stack.postback(own.key, sent);
    const type = first.headers.get('content-type');
    return [first.status, again.status, type, ...[first, again].map(({ body }) => (typeof body === 'string' ? body : body.result))];
  };
  const plain = 'text/plain; charset=utf-8';

  test.each([
    ['JSON when nothing is said', {}, [200, 200, 'application/json; charset=utf-8', 'accepted', 'duplicate']],
    ["the preset's", { preset: 'lootably' }, [200, 200, plain, '1', '1']],
    ["the preset's, a repeat apart", { preset: 'subid_family' }, [200, 200, plain, 'OK', 'DUP']],
    [
      "the partner's own",
      { response: { success: '<ok/>', content_type: 'text/xml' } },
      [200, 200, 'text/xml; charset=utf-8', '<ok/>', '<ok/>'],
    ],
    ["the partner's own, a repeat apart", { response: { success: 'YES', duplicate: 'AGAIN' } }, [200, 200, plain, 'YES', 'AGAIN']],
    ["the partner's own over the preset's", { preset: 'subid_family', response: { success: 'YES' } }, [200, 200, plain, 'YES', 'DUP']],
  ])('%s', async (_rule, partner, expected) => {
    expect(await bodies(partner)).toEqual(expected);
  });

  test('do not replace errors, which are JSON', async () => {
    const own = await inbound.stack.campaign({ partner: { response: { success: 'OK' } } });
    expect(await inbound.stack.postback(own.key, { click_id: 'CLK-NOBODY' })).toMatchObject({
      status: 404,
      body: { code: 'click_not_found' },
    });
  });
});
