import { createHash, createHmac } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, test } from '@jest/globals';
import { lean, signing } from '../../functions/adapters/aws-calls.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const text = Buffer.from('what is signed');

describe('the digest that signs calls to AWS', () => {
  test('is SHA-256, for many parts and again after a reset', async () => {
    const digest = new signing.sha256();
    digest.update(Buffer.from('forgotten'));
    digest.reset();
    digest.update(text.subarray(0, 4));
    digest.update(text.subarray(4));
    expect(hex(await digest.digest())).toBe(createHash('sha256').update(text).digest('hex'));
  });

  test('is an HMAC with a secret, the same each time and different for each secret, even for more secrets than are kept', async () => {
    const bytes = new Uint8Array([0, 1, 2, 250]);
    const secrets = [
      bytes,
      bytes,
      bytes.subarray(1, 3),
      bytes.slice().buffer,
      ...Array.from({ length: 20 }, (_, index) => `secret ${index}`),
    ];
    for (const secret of [...secrets, 'secret 0']) {
      const digest = new signing.sha256(secret);
      digest.update(text);
      const plain = secret instanceof ArrayBuffer ? new Uint8Array(secret) : secret;
      expect(hex(await digest.digest())).toBe(createHmac('sha256', plain).update(text).digest('hex'));
    }
  });
});

test('the unneeded parts are in each client of the SDK and not in ours', () => {
  const parts = /loggerMiddleware|getUserAgentMiddleware/;
  for (const client of [new DynamoDBClient({ region: 'eu-west-1' }), new SQSClient({ region: 'eu-west-1' })]) {
    const named = () => client.middlewareStack.identify().filter((part) => parts.test(part));
    expect(named()).toHaveLength(2);
    lean<DynamoDBClient | SQSClient>(client);
    expect(named()).toEqual([]);
  }
});
