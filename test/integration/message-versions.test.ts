import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { forwardMessage, settleMessage } from '../../functions/runtime/messages.ts';
import { type AnyBody, type Campaign, LocalStack } from '../support/local-stack.ts';
import { settleNow } from '../support/settle-now.ts';
import { clientOf, rowsOf, tableOf } from '../support/tables.ts';

/** Messages as the first released version wrote them, word for word. */
const previous = {
  settle: (conversionId: string) => ({ v: 1, conversion_id: conversionId, steps: 1 }),
  forward: (deliveryId: string, publisherId: string, conversionId: string) => ({
    v: 1,
    delivery_id: deliveryId,
    publisher_id: publisherId,
    conversion_id: conversionId,
    attempt: 0,
  }),
};

describe('while two versions run side by side', () => {
  let stack: LocalStack;
  let campaign: Campaign;
  let queues: SQSClient;

  beforeAll(async () => {
    stack = await LocalStack.start();
    campaign = await stack.campaign();
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    queues = new SQSClient({
      region: stack.system.region,
      endpoint: stack.system.endpoints.sqs,
      credentials,
      useQueueUrlAsEndpoint: false,
    });
  });
  afterAll(async () => {
    queues.destroy();
    await stack.stop();
  });
  const send = (queue: string, message: object) =>
    queues.send(new SendMessageCommand({ QueueUrl: stack.system.queues.get(queue)?.url, MessageBody: JSON.stringify(message) }));

  test('messages of the version before are read', () => {
    expect(settleMessage.parse(previous.settle('c'))).toMatchObject({ conversion_id: 'c' });
    expect(forwardMessage.parse(previous.forward('d', 'p', 'c'))).toMatchObject({ delivery_id: 'd', attempt: 0 });
  });

  test('messages of an unknown version are not', () => {
    expect(settleMessage.safeParse({ ...previous.settle('c'), v: 99 }).success).toBe(false);
    expect(forwardMessage.safeParse({ ...previous.forward('d', 'p', 'c'), v: 99 }).success).toBe(false);
  });

  test('a conversion is settled and delivered on messages of the version before, and only once beside our own', async () => {
    const { body } = await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5.00' });
    expect(body.result).toBe('accepted');
    const conversionId = `${campaign.clickId}.complete`;
    await send('ConversionsQueue', previous.settle(conversionId));
    await stack.eventually(() => expect(stack.publisher.requests.length).toBeGreaterThanOrEqual(1));
    const deliveryId = String(stack.publisher.requests[0]?.headers['webhook-id']);
    await send('DeliveriesQueue', previous.forward(deliveryId, campaign.publisherId, conversionId));
    await stack.eventually(async () => {
      const { conversion } = await stack.adminOk('GET', `/conversions/${conversionId}`);
      expect(conversion.deliveries ?? []).toHaveLength(1);
    });
    expect(Number((await stack.points(campaign.publisherId, campaign.userId)).balance)).toBe(4);
  });
});

/** Attributes that a conversion's row did not have in earlier versions, and those that it had although they follow from others. */
const newer = ['opened', 'release_at', 'due_shard', 'due_at'];
const newerOfStatement = ['own_id', 'of_held', 'any_event', 'moved', 'rule_id', 'release_at', 'releases', 'counted'];
const without = (row: AnyBody, names: string[]) => Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));

describe('on a system whose queues nobody reads,', () => {
  let stack: LocalStack;
  beforeAll(async () => {
    stack = await LocalStack.startOwn({ poll: false });
  }, 120_000);
  afterAll(() => stack.stop());

  test('our own messages name the revision that the row must have', async () => {
    const { key, clickId } = await stack.campaign();
    await stack.postback(key, { click_id: clickId, payout: '5.00' });
    const settle = await bodyOf(stack, 'ConversionsQueue');
    expect(settle).toMatchObject({ v: 2, conversion_id: `${clickId}.complete`, revision: 1, conversion: { user_id: {} } });
    const arn = stack.system.queues.get('ConversionsQueue')?.arn;
    await stack.system.invoke('processor', {
      Records: [{ messageId: '1', body: JSON.stringify(settle), attributes: { ApproximateReceiveCount: '1' }, eventSourceARN: arn }],
    });
    const forward = forwardMessage.parse(await bodyOf(stack, 'DeliveriesQueue'));
    expect(forward).toMatchObject({ v: 2, conversion_id: `${clickId}.complete`, attempt: 0, known: { step: 0 } });
  });

  test('a message from before a reversal pays nothing that was taken back', async () => {
    const { key, clickId, publisherId, userId } = await stack.campaign();
    await stack.postback(key, { click_id: clickId, payout: '5.00', transaction_id: 't' });
    const approved = await bodyOf(stack, 'ConversionsQueue');
    await stack.postback(key, { click_id: clickId, status: 'reversed', transaction_id: 't' });
    const arn = stack.system.queues.get('ConversionsQueue')?.arn;
    const settle = (count: string) =>
      stack.system.invoke('processor', {
        Records: [{ messageId: '1', body: JSON.stringify(approved), attributes: { ApproximateReceiveCount: count }, eventSourceARN: arn }],
      });
    for (const count of ['1', '1', '2']) expect(await settle(count)).toEqual({ batchItemFailures: [] });
    const { entries } = await stack.points(publisherId, userId);
    expect(entries.map(({ points }: { points: string }) => Number(points)).sort()).toEqual([-4, 4]);
  });

  describe('a conversion as an older version stored it', () => {
    /** Rewrites the rows of a click in the older form. */
    async function age(clickId: string): Promise<void> {
      const client = clientOf(stack);
      for (const row of (await rowsOf(stack, 'Conversions')).filter(({ owner }) => owner === clickId)) {
        const { statements, currency } = row as AnyBody;
        const Item = {
          matched_by: 'click_id',
          default_currency: currency,
          ...without(row, newer),
          statements: statements.map((one: AnyBody) => without(one, newerOfStatement)),
        };
        await client.send(new PutCommand({ TableName: tableOf(stack, 'Conversions'), Item }));
      }
      client.destroy();
    }
    const send = async (own: Campaign, more: Record<string, string>) => {
      const { body } = await stack.postback(own.key, { click_id: own.clickId, ...more });
      return body.result === 'held' ? body.code : (body.result ?? body.code);
    };
    const balance = async (own: Campaign) => (await stack.points(own.publisherId, own.userId)).balance;

    test.each(['once', 'per_transaction'])('is read, settled, repeated, reversed and listed (%s)', async (repeat) => {
      const own = await stack.campaign({ offer: { repeat, goals: [{ event: 'signup' }] } });
      expect(await send(own, { payout: '5.00', transaction_id: 'T' })).toBe('accepted');
      await age(own.clickId);
      const { conversions } = await stack.adminOk('GET', `/conversions?partner_id=${own.partnerId}`);
      expect(conversions).toMatchObject([{ status: 'approved', matched_by: 'click_id', currency: 'USD' }]);
      const id: string = conversions[0].conversion_id;
      expect(await settleNow(stack, id)).toBe(true);
      expect(await balance(own)).toBe('4.00');
      await age(own.clickId);
      expect(await send(own, { payout: '5.00', transaction_id: 'T' })).toBe('duplicate');
      expect(await send(own, { status: 'reversed', payout: '2.00', transaction_id: 'R', original_transaction_id: 'T' })).toBe('accepted');
      await age(own.clickId);
      expect(await settleNow(stack, id)).toBe(true);
      expect(await balance(own)).toBe('2.40');
      expect(await send(own, { status: 'reversed', transaction_id: 'T' })).toBe('accepted');
      expect(await settleNow(stack, id)).toBe(true);
      expect(await balance(own)).toBe('0.00');
      // The conversion beside which the goal begins has no `opened`, so nothing that came after its payment waits for the goal.
      expect(await send(own, { payout: '5.00', transaction_id: 'G', event: 'signup' })).toBe('accepted');
      expect((await stack.adminOk('GET', `/conversions?partner_id=${own.partnerId}`)).conversions).toHaveLength(2);
    });

    test('still nets with an early reversal that waits for it', async () => {
      const own = await stack.campaign();
      expect(await send(own, { status: 'reversed', transaction_id: 'T' })).toBe('accepted');
      await age(own.clickId);
      expect(await send(own, { payout: '5.00', transaction_id: 'T' })).toBe('accepted');
      expect(await settleNow(stack, `${own.clickId}.complete`)).toBe(true);
      expect(await balance(own)).toBe('0.00');
      expect(await send(own, { status: 'reversed', transaction_id: 'T' })).toBe('duplicate');
    });
  });
});

async function bodyOf({ system }: LocalStack, name: string): Promise<unknown> {
  const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SQSClient({ region: system.region, endpoint: system.endpoints.sqs, credentials, useQueueUrlAsEndpoint: false });
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: system.queues.get(name)?.url, WaitTimeSeconds: 5 }));
  client.destroy();
  return JSON.parse(Messages[0]?.Body ?? 'null');
}
