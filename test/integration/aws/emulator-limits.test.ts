import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, DeleteQueueCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LocalStack } from '../../support/local-stack.ts';

/**
 * AWS's limits that the emulators apply themselves, each with something that just passes. Those that they do not apply are in
 * lib/local/refusals.
 */

let stack: LocalStack;
let store: DynamoDBClient;
let queues: SQSClient;
let QueueUrl: string;
beforeAll(async () => {
  stack = await LocalStack.start();
  const { region, endpoints } = stack.system;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  store = new DynamoDBClient({ region, endpoint: endpoints.dynamodb, credentials });
  queues = new SQSClient({ region, endpoint: endpoints.sqs, credentials });
  await store.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' }],
    }),
  );
  QueueUrl = (await queues.send(new CreateQueueCommand({ QueueName: 'limits' }))).QueueUrl ?? '';
});
afterAll(async () => {
  await store.send(new DeleteTableCommand({ TableName }));
  await queues.send(new DeleteQueueCommand({ QueueUrl }));
  store.destroy();
  queues.destroy();
  await stack.stop();
});

const TableName = 'limits';
const kilobyte = 1_024;
/** `k`, its single letter and `v` count too. */
const item = (bytes: number, k = 'a') => ({ k: { S: k }, v: { S: 'x'.repeat(bytes - 3) } });
const put = (bytes: number) => store.send(new PutItemCommand({ TableName, Item: item(bytes) }));
const grow = { UpdateExpression: 'SET w = :w', ExpressionAttributeValues: { ':w': { S: 'x'.repeat(kilobyte) } } };
const transact = (count: number, bytes: number) =>
  store.send(
    new TransactWriteItemsCommand({
      TransactItems: Array.from({ length: count }, (_, index) => ({
        Put: { TableName, Item: item(bytes, String.fromCharCode(200 + index)) },
      })),
    }),
  );

describe('the store refuses', () => {
  test('an item of more than 400 KB, put or grown, alone or in a transaction', async () => {
    await put(400 * kilobyte);
    await expect(put(400 * kilobyte + 1)).rejects.toThrow('Item size has exceeded the maximum allowed size');
    const Key = { k: { S: 'a' } };
    const tooLarge = 'Item size to update has exceeded the maximum allowed size';
    await expect(store.send(new UpdateItemCommand({ TableName, Key, ...grow }))).rejects.toThrow(tooLarge);
    await expect(
      store.send(new TransactWriteItemsCommand({ TransactItems: [{ Update: { TableName, Key, ...grow } }] })),
    ).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'ValidationError', Message: tooLarge }],
    });
  });

  test('a transaction of more than 100 actions', async () => {
    await transact(100, 10);
    await expect(transact(101, 10)).rejects.toThrow('Member must have length less than or equal to 100');
  });

  test('a transaction of more than 4 MB', async () => {
    await transact(10, 399 * kilobyte);
    await expect(transact(11, 399 * kilobyte)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

const send = (MessageBody: string) => queues.send(new SendMessageCommand({ QueueUrl, MessageBody }));

describe('the queue refuses', () => {
  test('a message of more than 1 MB, and a batch that is larger together', async () => {
    await send('x'.repeat(1_024 * kilobyte));
    await expect(send('x'.repeat(1_024 * kilobyte + 1))).rejects.toThrow('Message must be shorter than 1048576 bytes');
    const Entries = ['0', '1', '2'].map((Id) => ({ Id, MessageBody: 'x'.repeat(400 * kilobyte) }));
    await expect(queues.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toThrow('cannot be longer than 1048576 bytes');
  });

  test.each([
    ['a control letter', 'a\u0001'],
    ['half a surrogate pair', 'a\ud800'],
    ['what is no letter', 'a\uffff'],
  ])('%s, alone and in a batch', async (_, text) => {
    await send('a\t\r\n');
    await expect(send(text)).rejects.toThrow('Invalid characters found');
    const Entries = [text, 'a'].map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    const { Failed, Successful } = await queues.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect([Failed, Successful]).toMatchObject([[{ Id: '0', SenderFault: true, Code: 'InvalidMessageContents' }], [{ Id: '1' }]]);
  });
});
