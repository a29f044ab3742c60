import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newDeliveryItem } from '../../../functions/adapters/dynamo/delivery-row.ts';
import { newId } from '../../../functions/adapters/ids.ts';
import { type AnyBody, type Campaign, LocalStack } from '../../support/local-stack.ts';

const count = 200;
let stack: LocalStack;
let campaign: Campaign;
beforeAll(async () => {
  stack = await LocalStack.start();
  campaign = await stack.campaign();
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      region: stack.system.region,
      endpoint: stack.system.endpoints.dynamodb,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
  const attempts = Array.from({ length: 10 }, () => ({
    at: new Date().toISOString(),
    url: `https://example.com/?${'u'.repeat(2_000)}`,
    code: 'http_500',
    http_status: 500,
    duration_ms: 10,
    answer: '"'.repeat(2_000),
  }));
  for (let start = 0; start < count; start += 20) {
    const requests = Array.from({ length: 20 }, () => {
      const row = { delivery_id: newId(), publisher_id: campaign.publisherId, log_id: newId(), status: 'dead' as const };
      return { PutRequest: { Item: newDeliveryItem({ ...row, attempts, created_at: new Date().toISOString() }, undefined) } };
    });
    await client.send(new BatchWriteCommand({ RequestItems: { [stack.system.tables.get('Deliveries')?.name ?? '']: requests } }));
  }
  client.destroy();
}, 60_000);
afterAll(() => stack.stop());

test('a page of deliveries with long attempts is cut to the size that Lambda allows, and its cursor leads to the rest', async () => {
  const seen = new Set<string>();
  let cursor: string | undefined;
  let pages = 0;
  do {
    const query = new URLSearchParams({ limit: '200', publisher_id: campaign.publisherId, ...(cursor !== undefined && { cursor }) });
    const { logs, next_cursor } = await stack.adminOk<AnyBody>('GET', `/forwarded-postbacks?${query}`);
    for (const { delivery_id } of logs) seen.add(delivery_id);
    cursor = next_cursor ?? undefined;
    pages += 1;
  } while (cursor !== undefined);
  expect(seen.size).toBe(count);
  expect(pages).toBeGreaterThan(1);
});
