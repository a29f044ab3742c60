import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deliveryKey, heldShard, newDeliveryItem, releaseId } from '../../../functions/adapters/dynamo/delivery-row.ts';
import { newId } from '../../../functions/adapters/ids.ts';
import { type AnyBody, type Campaign, LocalStack } from '../../support/local-stack.ts';

describe('the sweeper has the rights that its work needs', () => {
  let stack: LocalStack;
  let campaign: Campaign;
  let client: DynamoDBDocumentClient;
  let table: string;
  beforeAll(async () => {
    stack = await LocalStack.startOwn({ poll: false });
    campaign = await stack.campaign();
    client = DynamoDBDocumentClient.from(
      new DynamoDBClient({
        region: stack.system.region,
        endpoint: stack.system.endpoints.dynamodb,
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      }),
      { marshallOptions: { removeUndefinedValues: true } },
    );
    table = stack.system.tables.get('Deliveries')?.name ?? '';
  });
  afterAll(async () => {
    client.destroy();
    await stack.stop();
  });

  const held = async (): Promise<number> => {
    const { Count = 0 } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'due',
        KeyConditionExpression: 'due_shard = :held',
        ExpressionAttributeValues: { ':held': heldShard(campaign.publisherId) },
      }),
    );
    return Count;
  };
  const release = () => client.send(new GetCommand({ TableName: table, Key: deliveryKey(releaseId(campaign.publisherId)) }));
  /** Acts as if the time for which the release waits had passed. */
  const waitForRelease = () =>
    client.send(
      new UpdateCommand({
        TableName: table,
        Key: deliveryKey(releaseId(campaign.publisherId)),
        UpdateExpression: 'SET due_at = :past',
        ExpressionAttributeValues: { ':past': '2020-01-01T00:00:00.000Z' },
      }),
    );

  test('and all of 620 deliveries that were held for a publisher are sent after it is resumed', async () => {
    await stack.adminOk('POST', `/publishers/${campaign.publisherId}/pause`);
    const items = Array.from({ length: 620 }, () => {
      const created_at = new Date().toISOString();
      const row = { delivery_id: newId(), publisher_id: campaign.publisherId, log_id: newId(), status: 'held' as const };
      return newDeliveryItem({ ...row, attempts: [], created_at, parameters: [['a', '1']] }, undefined);
    });
    for (let start = 0; start < items.length; start += 25) {
      const requests = items.slice(start, start + 25).map((Item) => ({ PutRequest: { Item } }));
      await client.send(new BatchWriteCommand({ RequestItems: { [table]: requests } }));
    }
    expect(await held()).toBe(620);
    await stack.adminOk('POST', `/publishers/${campaign.publisherId}/resume`);
    await stack.eventually(async () => expect(await held()).toBe(120));

    await waitForRelease();
    await stack.system.invoke('sweeper', {});
    expect(await held()).toBe(0);
    await waitForRelease();
    await stack.system.invoke('sweeper', {});
    expect((await release()).Item).toBeUndefined();
  });
});

describe('what a role does not grant is refused as AWS refuses it', () => {
  test('and the caller gets an error that says that the fault is ours', async () => {
    const stack = await LocalStack.startOwn({ withhold: ({ action }) => action === 'dynamodb:PutItem' });
    try {
      const answer = await stack.admin<AnyBody>('POST', '/partners', { partner_name: 'Nobody' });
      expect(answer.status).toBe(500);
      const said = stack.system.log('admin').join('\n');
      expect(said).toMatch(
        /AccessDeniedException.*assumed-role\/admin\/admin is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:[\w-]+:000000000000:table\/SettingsTable because no identity-based policy allows the dynamodb:PutItem action/,
      );
    } finally {
      await stack.stop();
    }
  });
});

test('an email for which the processor lacks the right is an attempt that failed, as it would be on AWS', async () => {
  const stack = await LocalStack.startOwn({ withhold: ({ action }) => action === 'sns:Publish' });
  try {
    const { alert } = await stack.adminOk('POST', '/alerts', { name: 'Ops', email: 'ops@example.com', events: ['delivery.dead'] });
    const campaign = await stack.campaign({ publisher: { postback_url: `${stack.publisher.url}/{transaction_id}` } });
    await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5', transaction_id: '..' });
    const told = await stack.eventually(async () => {
      const { logs } = await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${alert.alert_id}&status=failing`);
      expect(logs).toHaveLength(1);
      return stack.adminOk('GET', `/forwarded-postbacks/${logs[0].delivery_id}`);
    });
    expect(told.delivery.attempts).toMatchObject([
      { code: 'http_403', answer: expect.stringContaining('not authorized to perform: sns:Publish') },
    ]);
  } finally {
    await stack.stop();
  }
});
