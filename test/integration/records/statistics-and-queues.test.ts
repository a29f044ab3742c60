import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AnyBody, LocalStack } from '../../support/local-stack.ts';
import { queuesOf } from '../../support/tables.ts';

let stack: LocalStack;
let viewer: string;
beforeAll(async () => {
  stack = await LocalStack.start();
  ({
    token: { token: viewer },
  } = await stack.adminOk('POST', '/tokens', { name: 'viewer', role: 'viewer' }));
});
afterAll(() => stack.stop());

describe('GET /postback-pipeline/stats', () => {
  test('counts by day, partner, publisher, offer, result and status, and sums money by currency', async () => {
    const campaign = await stack.campaign();
    const send = (parameters: Record<string, string>) => stack.postback(campaign.key, parameters);
    await send({ click_id: campaign.clickId, payout: '5.00', transaction_id: 'T1' });
    await send({ click_id: campaign.clickId, payout: '5.00', transaction_id: 'T1' });
    await send({ click_id: 'CLK-NOBODY', payout: '5.00' });
    await send({ click_id: 'TEST-1' });
    await send({ click_id: await campaign.newClick('euro'), payout: '10', currency: 'EUR' });
    await send({ click_id: await campaign.newClick('euro'), payout: '10', currency: 'EUR', status: 'pending' });

    const stats = await stack.eventually(async () => {
      const answer = await stack.adminOk('GET', '/postback-pipeline/stats?days=3');
      const own = answer.by_partner.find(({ partner_id }: AnyBody) => partner_id === campaign.partnerId);
      expect(own).toMatchObject({
        received: 6,
        by_result: { accepted: 3, duplicate: 1, error: 1, test: 1, held: 0 },
        by_status: { approved: 2, pending: 1, rejected: 0, reversed: 0 },
        upward: { EUR: '10.00', USD: '5.00' },
        downward: { EUR: '8.00', USD: '4.00' },
        points: '12.00',
      });
      return answer;
    });
    const today = new Date().toISOString().slice(0, 10);
    expect(stats.by_day).toHaveLength(3);
    expect(stats.by_day.at(-1)).toMatchObject({ day: today, upward: { EUR: '10.00' } });
    expect(stats.by_publisher).toContainEqual(
      expect.objectContaining({ publisher_id: campaign.publisherId, downward: { EUR: '8.00', USD: '4.00' } }),
    );
    expect(stats.by_offer).toContainEqual(expect.objectContaining({ offer_id: campaign.offerId }));
    expect(stats).toMatchObject({ to: today, by_result: { duplicate: 1 }, deliveries: { oldest_unsettled_seconds: null } });
  });

  test('shows the age of the oldest undelivered one', async () => {
    const campaign = await stack.campaign();
    stack.publisher.answerStatus(500);
    await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5' });
    await stack.eventually(async () => {
      const { deliveries } = await stack.adminOk('GET', '/postback-pipeline/stats');
      expect(deliveries.oldest_undelivered_seconds).toBeGreaterThanOrEqual(0);
    });
    stack.publisher.answerStatus(200);
  });

  test.each([['days=0'], ['days=93'], ['days=week']])('refuses ?%s', async (query) => {
    const answer = await stack.admin('GET', `/postback-pipeline/stats?${query}`);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_days']);
  });

  test('is allowed to viewers', async () => {
    expect((await stack.admin('GET', '/postback-pipeline/stats', undefined, viewer)).status).toBe(200);
  });
});

describe('/queues', () => {
  test('shows waiting messages, and moves dead letters back', async () => {
    const { queues } = await stack.adminOk('GET', '/queues');
    expect(queues.map(({ name }: AnyBody) => name)).toEqual(['conversions', 'deliveries']);
    expect(queues[0]).toMatchObject({ depth: 0, in_flight: 0, delayed: 0, dead_letters: 0 });

    const campaign = await stack.campaign();
    const dead = [...stack.system.queues.entries()].find(([name]) => /conversions.*dead/i.test(name))?.[1];
    const client = queuesOf(stack);
    const body = JSON.stringify({ v: 1, conversion_id: `${campaign.clickId}.complete`, steps: 0 });
    await client.send(new SendMessageCommand({ QueueUrl: dead?.url ?? '', MessageBody: body }));
    await stack.eventually(async () => expect((await stack.adminOk('GET', '/queues')).queues[0].dead_letters).toBe(1));
    await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5' });

    const moved = await stack.admin('POST', '/queues/conversions/redrive');
    expect([moved.status, moved.body]).toEqual([202, { name: 'conversions', moving: 1 }]);
    await stack.eventually(async () => expect((await stack.adminOk('GET', '/queues')).queues[0].dead_letters).toBe(0));
    expect((await stack.admin('POST', '/queues/deliveries/redrive')).body).toEqual({ name: 'deliveries', moving: 0 });
    const { entries } = await stack.adminOk('GET', '/audit');
    expect(entries[0]).toMatchObject({ action: 'queue.redriven', id: 'deliveries' });
    expect(entries[1]).toMatchObject({ action: 'queue.redriven', id: 'conversions' });
  });

  test('answers 404 for a queue that does not exist, and 403 to a viewer', async () => {
    const unknown = await stack.admin('POST', '/queues/letters/redrive');
    expect([unknown.status, unknown.body.code]).toEqual([404, 'queue_not_found']);
    expect((await stack.admin('POST', '/queues/conversions/redrive', undefined, viewer)).status).toBe(403);
    expect((await stack.admin('GET', '/queues?days=1')).status).toBeLessThan(500);
  });
});
