import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LocalStack } from '../../support/local-stack.ts';

let stack: LocalStack;
let viewer: string;
let partnerId: string;
let publisherId: string;
beforeAll(async () => {
  stack = await LocalStack.start();
  viewer = (await stack.adminOk('POST', '/tokens', { name: 'looks', role: 'viewer' })).token.token;
  partnerId = (await stack.adminOk('POST', '/partners', { partner_name: 'Owner' })).partner.partner_id;
  publisherId = (await stack.adminOk('POST', '/publishers', { name: 'Owner' })).publisher.publisher_id;
});
afterAll(() => stack?.stop());

const target = 'https://partner.example/start?sub={click_id}';
const offer = (body: object = {}) =>
  stack.admin('POST', '/offers', { partner_id: partnerId, name: 'An offer', target_url: target, payout: '5', ...body });

describe('an offer', () => {
  test('is created with every field at its default', async () => {
    const { status, body } = await offer({ payout: undefined, revenue_share_percent: '80' });
    expect(status).toBe(201);
    expect(body).toEqual({
      offer: {
        offer_id: expect.stringMatching(/^OFFER-[0-9A-Z]{26}$/),
        partner_id: partnerId,
        campaign_id: null,
        name: 'An offer',
        target_url: target,
        fallback_url: null,
        payout: null,
        revenue_share_percent: '80',
        currency: null,
        conversion_window_days: 30,
        repeat: null,
        hold_hours: null,
        caps: [],
        goals: [],
        status: 'active',
        created_at: expect.any(String),
        updated_at: body.offer.created_at,
      },
      warnings: [],
    });
    expect((await stack.adminOk('GET', `/offers/${body.offer.offer_id}`)).offer).toEqual(body.offer);
  });

  test.each([
    ['text', '2.5', '2.50'],
    ['a number', 2.5, '2.50'],
    ['a small amount', '0.000001', '0.000001'],
    ['zero', 0, '0.00'],
    ['the largest amount', '999999999999.999999', '999999999999.999999'],
  ])('keeps its payout exactly: %s', async (_, payout, shown) => {
    expect((await offer({ payout })).body.offer.payout).toBe(shown);
  });

  test('shows amounts with the decimals of its currency', async () => {
    expect((await offer({ payout: '500', currency: 'JPY' })).body.offer.payout).toBe('500');
    expect((await offer({ payout: '1.5', currency: 'kwd' })).body.offer).toMatchObject({ payout: '1.500', currency: 'KWD' });
  });

  test('declares goals with terms of their own', async () => {
    const { body } = await offer({
      goals: [{ event: 'Purchase', revenue_share_percent: 12.5 }, { event: 'level_10', payout: '0.75' }, { event: 'install' }],
    });
    expect(body.offer.goals).toEqual([
      { event: 'purchase', payout: null, revenue_share_percent: '12.5', hold_hours: null },
      { event: 'level_10', payout: '0.75', revenue_share_percent: null, hold_hours: null },
      { event: 'install', payout: null, revenue_share_percent: null, hold_hours: null },
    ]);
  });

  test.each([
    ['name', { name: '' }],
    ['target_url', { target_url: 'not an address' }],
    ['target_url', { target_url: 'https://{sub_id1}/x' }],
    ['target_url', { target_url: 'javascript:alert(1)' }],
    ['fallback_url', { fallback_url: 'javascript:alert(1)' }],
    ['fallback_url', { fallback_url: 'https://{sub_id1}/x' }],
    ['payout', { payout: '-1' }],
    ['payout', { payout: '1e3' }],
    ['payout', { payout: '1,000.00' }],
    ['payout', { payout: '0.0000001' }],
    ['payout', { payout: 12345678901.123455 }],
    ['payout', { payout: true }],
    ['revenue_share_percent', { revenue_share_percent: '100.01' }],
    ['revenue_share_percent', { revenue_share_percent: -5 }],
    ['repeat', { repeat: 'twice' }],
    ['conversion_window_days', { conversion_window_days: 0 }],
    ['conversion_window_days', { conversion_window_days: 3651 }],
    ['conversion_window_days', { conversion_window_days: 1.5 }],
    ['currency', { currency: 'XXX' }],
    ['goals.0.event', { goals: [{ event: 'terminated' }] }],
    ['goals', { goals: [{ event: 'a' }, { event: 'A' }] }],
    ['goals.0.colour', { goals: [{ event: 'a', colour: 'red' }] }],
    ['status', { status: 'paused' }],
    ['offer_id', { offer_id: 'a b' }],
    ['colour', { colour: 'red' }],
  ])('is refused with 400 naming %s: %j', async (field, body) => {
    const answer = await offer(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_body']);
    expect(answer.body.message).toContain(`${field}:`);
  });

  test('of an unknown partner is refused with 404, and one whose id is taken with 409', async () => {
    const orphan = await offer({ partner_id: 'nobody' });
    expect([orphan.status, orphan.body.code]).toEqual([404, 'partner_not_found']);
    await offer({ offer_id: 'taken' });
    const again = await offer({ offer_id: 'taken' });
    expect([again.status, again.body.code]).toEqual([409, 'already_exists']);
  });

  test('warns of settings that may be mistakes', async () => {
    const { body } = await offer({ payout: null, target_url: 'http://partner.example/?a={who}' });
    expect(body.warnings).toEqual([
      expect.stringContaining('{who}'),
      expect.stringContaining('{click_id}'),
      expect.stringContaining('pays nothing'),
    ]);
  });

  test('is changed field by field, and null clears', async () => {
    const { body } = await offer({ campaign_id: 'C1', currency: 'EUR', goals: [{ event: 'a' }] });
    const id = body.offer.offer_id;
    const changed = await stack.adminOk('PATCH', `/offers/${id}`, {
      campaign_id: 'C2',
      currency: null,
      payout: null,
      revenue_share_percent: 50,
      goals: null,
    });
    expect(changed.offer).toMatchObject({
      campaign_id: 'C2',
      currency: null,
      payout: null,
      revenue_share_percent: '50',
      goals: [],
      name: 'An offer',
    });
    const refused = await stack.admin('PATCH', `/offers/${id}`, { partner_id: 'x' });
    expect([refused.status, refused.body.message]).toEqual([400, 'partner_id: no such field']);
  });

  test("is found by the partner's own id as soon as that is changed", async () => {
    const { key, offerId, newClick } = await stack.campaign({ offer: { campaign_id: 'OLD' } });
    await newClick();
    await stack.adminOk('PATCH', `/offers/${offerId}`, { campaign_id: 'NEW' });
    const click = await newClick();
    const answer = await stack.postback(key, { click_id: click, offer_id: 'NEW', payout: '1' });
    expect(answer.body.result).toBe('accepted');
    expect((await stack.adminOk('GET', '/offers?campaign_id=NEW')).offers).toMatchObject([{ offer_id: offerId }]);
    expect((await stack.adminOk('GET', '/offers?campaign_id=OLD')).offers).toEqual([]);
  });

  test('can be deleted', async () => {
    const id = (await offer()).body.offer.offer_id;
    expect((await stack.admin('DELETE', `/offers/${id}`)).status).toBe(204);
    for (const [method, body] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const) {
      const answer = await stack.admin(method, `/offers/${id}`, body);
      expect([answer.status, answer.body.code]).toEqual([404, 'offer_not_found']);
    }
  });

  test('that is deleted accepts no more clicks; users who clicked before are paid, and can be charged back', async () => {
    const own = await stack.campaign();
    const pay = (click: string, more: Record<string, string> = {}) => stack.postback(own.key, { click_id: click, payout: '5.00', ...more });
    const balance = async () => (await stack.points(own.publisherId, own.userId)).balance;
    const second = await own.newClick();
    await pay(own.clickId);
    expect((await stack.admin('DELETE', `/offers/${own.offerId}`)).status).toBe(204);
    const tracked = await stack.request(`/track/${own.offerId}?publisher_id=${own.publisherId}&user_id=u`);
    expect([tracked.status, tracked.body.code]).toEqual([404, 'offer_not_found']);
    expect((await pay(second)).body.result).toBe('accepted');
    await stack.eventually(async () => expect(await balance()).toBe('8.00'));
    expect((await pay(own.clickId, { status: 'reversed' })).body.result).toBe('accepted');
    await stack.eventually(async () => expect(await balance()).toBe('4.00'));
    // The offer's id is free again.
    const again = { offer_id: own.offerId, partner_id: own.partnerId, name: 'Again', target_url: 'https://example.com/?c={click_id}' };
    expect((await stack.admin('POST', '/offers', again)).status).toBe(201);
  });

  test('is listed by partner and status, and a viewer may only look', async () => {
    const { partner } = await stack.adminOk('POST', '/partners', { partner_name: 'Two offers' });
    const first = (await offer({ partner_id: partner.partner_id })).body.offer.offer_id;
    const second = (await offer({ partner_id: partner.partner_id, status: 'inactive' })).body.offer.offer_id;
    const ids = async (query: string) =>
      (await stack.adminOk('GET', `/offers?${query}`)).offers.map(({ offer_id }: { offer_id: string }) => offer_id);
    expect(await ids(`partner_id=${partner.partner_id}`)).toEqual([second, first]);
    expect(await ids(`partner_id=${partner.partner_id}&status=active`)).toEqual([first]);
    expect((await stack.admin('GET', `/offers/${first}`, undefined, viewer)).status).toBe(200);
    expect((await stack.admin('POST', '/offers', {}, viewer)).status).toBe(403);
    expect((await stack.admin('PATCH', `/offers/${first}`, { name: 'x' }, viewer)).status).toBe(403);
    expect((await stack.admin('DELETE', `/offers/${first}`, undefined, viewer)).status).toBe(403);
  });
});

const placement = (body: object = {}) => stack.admin('POST', '/placements', { publisher_id: publisherId, name: 'A wall', ...body });

describe('a placement', () => {
  test('is created with every field at its default', async () => {
    const { status, body } = await placement();
    expect(status).toBe(201);
    expect(body).toEqual({
      placement: {
        placement_id: expect.stringMatching(/^PLACEMENT-[0-9A-Z]{26}$/),
        publisher_id: publisherId,
        name: 'A wall',
        postback_url: null,
        postback_method: null,
        exchange_rate: '1',
        created_at: expect.any(String),
        updated_at: body.placement.created_at,
      },
      warnings: [],
    });
    expect((await stack.adminOk('GET', `/placements/${body.placement.placement_id}`)).placement).toEqual(body.placement);
  });

  test.each([
    ['100', '100'],
    [0.25, '0.25'],
    ['0.000001', '0.000001'],
  ])('takes the exchange rate %j', async (exchange_rate, shown) => {
    expect((await placement({ exchange_rate })).body.placement.exchange_rate).toBe(shown);
  });

  test.each([
    ['exchange_rate', { exchange_rate: 0 }],
    ['exchange_rate', { exchange_rate: '-1' }],
    ['exchange_rate', { exchange_rate: 'much' }],
    ['postback_url', { postback_url: 'ftp://x.example' }],
    ['postback_method', { postback_method: 'PUT' }],
    ['name', { name: null }],
    ['colour', { colour: 'red' }],
  ])('is refused with 400 naming %s: %j', async (field, body) => {
    const answer = await placement(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_body']);
    expect(answer.body.message).toContain(`${field}:`);
  });

  test('warns of a macro that is never filled', async () => {
    const { body } = await placement({ postback_url: 'https://pub.example/?a={click_id}&b={mystery}' });
    expect(body.warnings).toEqual(['postback_url: the macro {mystery} is unknown and will be empty']);
  });

  test('is changed, and null takes it back to its default', async () => {
    const id = (await placement({ exchange_rate: '100', postback_url: 'https://pub.example/', postback_method: 'POST' })).body.placement
      .placement_id;
    const { placement: changed } = await stack.adminOk('PATCH', `/placements/${id}`, {
      exchange_rate: null,
      postback_url: null,
      postback_method: null,
      name: 'New',
    });
    expect(changed).toMatchObject({ exchange_rate: '1', postback_url: null, postback_method: null, name: 'New' });
  });

  test('needs its publisher, and is found only where it is', async () => {
    expect((await placement({ publisher_id: 'nobody' })).body.code).toBe('publisher_not_found');
    await placement({ placement_id: 'wall' });
    expect((await placement({ placement_id: 'wall' })).status).toBe(409);
    expect((await stack.admin('GET', '/placements/nowhere')).body.code).toBe('placement_not_found');
    expect((await stack.admin('PATCH', '/placements/nowhere', { name: 'x' })).status).toBe(404);
    expect((await stack.adminOk('GET', `/placements?publisher_id=${publisherId}&limit=1`)).placements).toMatchObject([
      { placement_id: 'wall' },
    ]);
    expect((await stack.admin('GET', '/placements', undefined, viewer)).status).toBe(200);
    expect((await stack.admin('POST', '/placements', {}, viewer)).status).toBe(403);
    expect((await stack.admin('PATCH', '/placements/wall', { name: 'x' }, viewer)).status).toBe(403);
  });
});

describe('a click', () => {
  let offerId: string;
  beforeAll(async () => {
    offerId = (await offer()).body.offer.offer_id;
  });
  const click = (body: object = {}) =>
    stack.admin('POST', '/clicks', { offer_id: offerId, publisher_id: publisherId, user_id: 'user 1', ...body });

  test('is recorded for the placement, its publisher and the user', async () => {
    const { placement_id } = (await placement()).body.placement;
    const { status, body } = await click({
      publisher_id: undefined,
      placement_id,
      sub_id1: 'a&b',
      sub_id5: 'e',
      country: 'DE',
      ip: '192.0.2.7',
      username: 'Ann',
    });
    expect(status).toBe(201);
    expect(body.click).toEqual({
      click_id: expect.stringMatching(/^CLK-[0-9A-Z]{26}$/),
      offer_id: offerId,
      partner_id: partnerId,
      publisher_id: publisherId,
      placement_id,
      user_id: 'user 1',
      username: 'Ann',
      sub_id1: 'a&b',
      sub_id2: null,
      sub_id3: null,
      sub_id4: null,
      sub_id5: 'e',
      ip: '192.0.2.7',
      country: 'DE',
      device_id: null,
      clicked_at: expect.any(String),
    });
    const { entries } = await stack.adminOk('GET', '/audit?kind=click&limit=1');
    expect(entries).toMatchObject([{ action: 'click.recorded', id: body.click.click_id, after: { placement_id } }]);
    expect(JSON.stringify(entries)).not.toMatch(/user 1|Ann|192\.0\.2\.7/);
    expect((await stack.adminOk('GET', `/clicks/${body.click.click_id}`)).click).toEqual(body.click);
  });

  test.each([
    ['user_id', 400, { user_id: undefined }],
    ['user_id', 400, { user_id: 'x'.repeat(257) }],
    ['placement_id', 400, { publisher_id: undefined }],
    ['sub_id6', 400, { sub_id6: 'x' }],
    ['offer_id', 404, { offer_id: 'nothing' }],
    ['placement_id', 404, { placement_id: 'nowhere' }],
    ['publisher_id', 404, { publisher_id: 'nobody' }],
  ])('is refused for a bad %s (%d): %j', async (field, status, body) => {
    const answer = await click(body);
    expect(answer.status).toBe(status);
    expect(answer.body.message).toContain(field);
  });

  test('needs an active offer', async () => {
    const inactive = (await offer({ status: 'inactive' })).body.offer.offer_id;
    const answer = await click({ offer_id: inactive });
    expect([answer.status, answer.body.code]).toEqual([404, 'offer_not_found']);
  });

  test('that does not exist is not found, and a viewer cannot record one', async () => {
    expect((await stack.admin('GET', '/clicks/CLK-NOTHING')).body.code).toBe('click_not_found');
    expect((await stack.admin('POST', '/clicks', {}, viewer)).status).toBe(403);
  });
});
