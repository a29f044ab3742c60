import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type QueueEmulator, startQueueEmulator } from '../../lib/local/queue-emulator.ts';

const region = 'eu-west-1';
const clientOf = ({ endpoint }: QueueEmulator) =>
  new SQSClient({ region, endpoint, credentials: { accessKeyId: 'a', secretAccessKey: 'a' }, useQueueUrlAsEndpoint: false });

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'queues-'));
});
afterAll(() => rm(dataDir, { recursive: true }));

async function bodies(client: SQSClient, queue: string, seconds = 0): Promise<string[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10, WaitTimeSeconds: seconds, VisibilityTimeout: 30 }),
  );
  return Messages.map(({ Body }) => Body ?? '').sort();
}

describe('queues on this machine', () => {
  test('keep everything when they start again: waiting, hidden and delayed messages', async () => {
    const first = await startQueueEmulator({ region, dataDir });
    const client = clientOf(first);
    const { QueueUrl: queue = '' } = await client.send(new CreateQueueCommand({ QueueName: 'kept' }));
    const send = (MessageBody: string, DelaySeconds = 0) =>
      client.send(new SendMessageCommand({ QueueUrl: queue, MessageBody, DelaySeconds }));
    await send('held');
    await send('done');
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10, VisibilityTimeout: 3600 }),
    );
    const done = Messages.find(({ Body }) => Body === 'done');
    await client.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: done?.ReceiptHandle }));
    await send('waiting');
    await send('delayed', 6);
    await first.stop();

    const second = await startQueueEmulator({ region, dataDir });
    const again = clientOf(second);
    expect(await bodies(again, queue)).toEqual(['held', 'waiting']);
    await sleep(4000);
    expect(await bodies(again, queue, 10)).toEqual(['delayed']);
    await second.stop();
  });

  test('show a message again at once when its holder gives it back', async () => {
    const emulator = await startQueueEmulator({ region, dataDir });
    const client = clientOf(emulator);
    const { QueueUrl: queue = '' } = await client.send(new CreateQueueCommand({ QueueName: 'given-back' }));
    await client.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: 'again' }));
    const { Messages: [message] = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: queue }));
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl: queue, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 }));
    expect(await bodies(client, queue)).toEqual(['again']);
    await emulator.stop();
  });

  test('move dead letters back to where they came from', async () => {
    const emulator = await startQueueEmulator({ region });
    const client = clientOf(emulator);
    const { QueueUrl: dead = '' } = await client.send(new CreateQueueCommand({ QueueName: 'dead' }));
    const { Attributes: { QueueArn: deadArn = '' } = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['QueueArn'] }),
    );
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: 1 });
    const { QueueUrl: work = '' } = await client.send(new CreateQueueCommand({ QueueName: 'work', Attributes: { RedrivePolicy } }));
    for (let index = 0; index < 12; index += 1) {
      await client.send(new SendMessageCommand({ QueueUrl: dead, MessageBody: String(index).padStart(2, '0') }));
    }
    const { TaskHandle } = await client.send(new StartMessageMoveTaskCommand({ SourceArn: deadArn }));
    expect(TaskHandle).toBeTruthy();
    await expect(client.send(new StartMessageMoveTaskCommand({ SourceArn: deadArn }))).rejects.toThrow(/already a task running/);
    await sleep(500);
    const { Results: [task] = [] } = await client.send(new ListMessageMoveTasksCommand({ SourceArn: deadArn }));
    expect(task).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 12 });
    expect([...(await bodies(client, work)), ...(await bodies(client, work))]).toHaveLength(12);
    expect(await bodies(client, dead)).toEqual([]);
    await expect(client.send(new StartMessageMoveTaskCommand({ SourceArn: `${deadArn}-not` }))).rejects.toThrow(/does not exist/);
    await emulator.stop();
  });
});
