import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { forwardMessage, settleMessage } from '../../functions/runtime/messages.ts';
import { type Campaign, LocalStack } from '../support/local-stack.ts';

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

  test('our own messages say how far the row must be', async () => {
    const system = await LocalStack.start({ poll: false });
    try {
      const { key, clickId } = await system.campaign();
      await system.postback(key, { click_id: clickId, payout: '5.00' });
      const settle = await bodyOf(system, 'ConversionsQueue');
      expect(settle).toMatchObject({ v: 2, conversion_id: `${clickId}.complete`, revision: 1, conversion: { user_id: {} } });
      const arn = system.system.queues.get('ConversionsQueue')?.arn;
      await system.system.invoke('processor', {
        Records: [{ messageId: '1', body: JSON.stringify(settle), attributes: { ApproximateReceiveCount: '1' }, eventSourceARN: arn }],
      });
      const forward = forwardMessage.parse(await bodyOf(system, 'DeliveriesQueue'));
      expect(forward).toMatchObject({ v: 2, conversion_id: `${clickId}.complete`, attempt: 0, known: { step: 0 } });
    } finally {
      await system.stop();
    }
  });

  test('a message that tells what was true before a reversal pays nothing that was taken back', async () => {
    const system = await LocalStack.start({ poll: false });
    try {
      const { key, clickId, publisherId, userId } = await system.campaign();
      await system.postback(key, { click_id: clickId, payout: '5.00', transaction_id: 't' });
      const approved = await bodyOf(system, 'ConversionsQueue');
      await system.postback(key, { click_id: clickId, status: 'reversed', transaction_id: 't' });
      const arn = system.system.queues.get('ConversionsQueue')?.arn;
      const settle = (count: string) =>
        system.system.invoke('processor', {
          Records: [
            { messageId: '1', body: JSON.stringify(approved), attributes: { ApproximateReceiveCount: count }, eventSourceARN: arn },
          ],
        });
      for (const count of ['1', '1', '2']) expect(await settle(count)).toEqual({ batchItemFailures: [] });
      const { entries } = await system.points(publisherId, userId);
      expect(entries.map(({ points }: { points: string }) => Number(points)).sort()).toEqual([-4, 4]);
    } finally {
      await system.stop();
    }
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
