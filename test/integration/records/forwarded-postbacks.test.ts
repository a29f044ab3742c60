import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type AnyBody, type Campaign, LocalStack } from '../../support/local-stack.ts';

let stack: LocalStack;
let viewer: string;
beforeAll(async () => {
  stack = await LocalStack.start();
  ({
    token: { token: viewer },
  } = await stack.adminOk('POST', '/tokens', { name: 'viewer', role: 'viewer' }));
});
afterAll(() => stack.stop());
beforeEach(() => stack.publisher.answerStatus(200));

const list = async (query: string) => (await stack.adminOk('GET', `/forwarded-postbacks?${query}`)).logs;
const one = async (id: string) => (await stack.adminOk('GET', `/forwarded-postbacks/${id}`)).delivery;
/** Waits for a delivery of the campaign's conversion with the status. */
const deliveryOf = (campaign: Campaign, status: string) =>
  stack.eventually(async () => {
    const [delivery] = await list(`publisher_id=${campaign.publisherId}&status=${status}`);
    expect(delivery).toBeDefined();
    return delivery;
  });
const convert = async (campaign: Campaign) => stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5' });
const resend = (id: string, token?: string) => stack.admin('POST', `/forwarded-postbacks/${id}/resend`, undefined, token);
const resendAll = (body: object, token?: string) => stack.admin('POST', '/forwarded-postbacks/resend', body, token);
const sentTo = (delivery: AnyBody) => stack.publisher.requests.filter(({ headers }) => headers['webhook-id'] === delivery.delivery_id);

describe('GET /forwarded-postbacks', () => {
  test('lists deliveries with their attempts, and shows one', async () => {
    const campaign = await stack.campaign();
    await convert(campaign);
    const delivery = await deliveryOf(campaign, 'delivered');
    expect(delivery).toMatchObject({
      publisher_id: campaign.publisherId,
      conversion_id: `${campaign.clickId}.complete`,
      attempts: [{ code: 'http_200', http_status: 200, url: expect.stringContaining(campaign.clickId), duration_ms: expect.any(Number) }],
      next_attempt_at: null,
      delivered_at: expect.any(String),
    });
    expect(await one(delivery.delivery_id)).toEqual(delivery);
    expect(await list(`publisher_id=${campaign.publisherId}&status=dead`)).toEqual([]);
    expect(await list(`publisher_id=${campaign.publisherId}&to=2020-01-01`)).toEqual([]);
    expect((await list('limit=200')).some(({ delivery_id }: AnyBody) => delivery_id === delivery.delivery_id)).toBe(true);
  });

  test('says whom each delivery is about, and what the publisher and the user earn', async () => {
    const campaign = await stack.campaign({ placement: { exchange_rate: '100' } });
    await convert(campaign);
    expect(await deliveryOf(campaign, 'delivered')).toMatchObject({
      user_id: campaign.userId,
      offer_id: campaign.offerId,
      payout: '4.00',
      currency: 'USD',
      points: '400.00',
    });
  });

  test('shows the deliveries of a publisher without an address as no_url', async () => {
    const campaign = await stack.campaign({ publisher: { postback_url: null } });
    await convert(campaign);
    expect((await deliveryOf(campaign, 'no_url')).attempts).toEqual([]);
  });

  test('answers 404 for one that does not exist and 400 for a bad status', async () => {
    expect((await stack.admin('GET', '/forwarded-postbacks/01JZZZZZZZZZZZZZZZZZZZZZZZ')).body.code).toBe('delivery_not_found');
    expect((await stack.admin('GET', '/forwarded-postbacks?status=lost')).body.code).toBe('invalid_status');
    expect((await stack.admin('GET', '/forwarded-postbacks?limit=0')).body.code).toBe('invalid_limit');
  });
});

describe('POST /forwarded-postbacks/{delivery_id}/resend', () => {
  test('sends a failing one again at once, under the same id', async () => {
    const campaign = await stack.campaign();
    stack.publisher.answerStatus(500);
    await convert(campaign);
    const delivery = await deliveryOf(campaign, 'failing');
    stack.publisher.answerStatus(200);
    const answer = await resend(delivery.delivery_id);
    expect(answer.status).toBe(200);
    await stack.eventually(async () => expect((await one(delivery.delivery_id)).status).toBe('delivered'));
    expect(sentTo(delivery).length).toBeGreaterThanOrEqual(2);
  });

  test('sends one that has arrived again', async () => {
    const campaign = await stack.campaign();
    await convert(campaign);
    const delivery = await deliveryOf(campaign, 'delivered');
    expect((await resend(delivery.delivery_id)).body.delivery.status).toMatch(/scheduled|delivered/);
    await stack.eventually(async () => expect((await one(delivery.delivery_id)).attempts).toHaveLength(2));
    expect((await one(delivery.delivery_id)).status).toBe('delivered');
    expect(sentTo(delivery)).toHaveLength(2);
  });

  test('is audited, refuses viewers, and answers 404', async () => {
    const campaign = await stack.campaign();
    await convert(campaign);
    const { delivery_id } = await deliveryOf(campaign, 'delivered');
    expect((await resend(delivery_id, viewer)).status).toBe(403);
    await resend(delivery_id);
    const { entries } = await stack.adminOk('GET', '/audit?limit=200');
    expect(entries.find(({ id }: AnyBody) => id === delivery_id)).toMatchObject({
      action: 'delivery.resent',
      before: { status: 'delivered' },
    });
    expect((await resend('01JZZZZZZZZZZZZZZZZZZZZZZZ')).status).toBe(404);
  });
});

describe('POST /forwarded-postbacks/resend', () => {
  test('says what it would send, and then sends everything that has not arrived', async () => {
    const campaign = await stack.campaign({ publisher: { postback_url: null } });
    for (const user of ['a', 'b', 'c']) {
      await stack.postback(campaign.key, { click_id: await campaign.newClick(user), payout: '5' });
    }
    await stack.eventually(async () => expect(await list(`publisher_id=${campaign.publisherId}&status=no_url`)).toHaveLength(3));
    await stack.adminOk('PATCH', `/publishers/${campaign.publisherId}`, { postback_url: `${stack.publisher.url}/late?id={delivery_id}` });

    const tried = await resendAll({ publisher_id: campaign.publisherId, dry_run: true });
    expect(tried.body).toMatchObject({ dry_run: true, count: 3, resent: 0, next_cursor: null });
    expect(tried.body.sample).toHaveLength(3);
    expect(await list(`publisher_id=${campaign.publisherId}&status=no_url`)).toHaveLength(3);

    const first = await resendAll({ publisher_id: campaign.publisherId, status: 'no_url', limit: 2 });
    expect(first.body).toMatchObject({ count: 2, resent: 2, next_cursor: expect.any(String) });
    const second = await resendAll({ publisher_id: campaign.publisherId, status: 'no_url', limit: 2, cursor: first.body.next_cursor });
    expect(second.body).toMatchObject({ resent: 1, next_cursor: null });
  });

  test('refuses bad filters and viewers', async () => {
    const bad = await resendAll({ status: 'lost' });
    expect([bad.status, bad.body.code]).toEqual([400, 'invalid_body']);
    expect(bad.body.message).toContain('status');
    expect((await resendAll({}, viewer)).status).toBe(403);
  });
});
