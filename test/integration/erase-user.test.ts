import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Campaign, LocalStack } from '../support/local-stack.ts';
import { StackOutputs } from '../support/stack-outputs.ts';

describe('erasing a user', () => {
  const userId = 'jane.doe@example.com';
  let stack: LocalStack;
  let outputs: StackOutputs;
  let campaign: Campaign;
  let report: { pseudonym: string; balance: string; entries: number; conversions: number; clicks: number };

  const everything = async (): Promise<string> => {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new DynamoDBClient({ region: stack.system.region, endpoint: stack.system.endpoints.dynamodb, credentials });
    const tables = ['Clicks', 'Conversions', 'Postbacks', 'Deliveries', 'Ledger'].flatMap(
      (name) => stack.system.tables.get(name)?.name ?? [],
    );
    expect(tables).toHaveLength(5);
    const rows = await Promise.all(tables.map(async (TableName) => (await client.send(new ScanCommand({ TableName }))).Items));
    client.destroy();
    return JSON.stringify(rows);
  };

  beforeAll(async () => {
    stack = await LocalStack.start();
    const postback_url = `${stack.publisher.url}/told?user={user_id}&points={points}&ip={ip}`;
    campaign = await stack.campaign({ userId, publisher: { postback_url } });
    const clicks = [campaign.clickId, await campaign.newClick(), await campaign.newClick()];
    for (const [index, click] of clicks.entries()) {
      const told = {
        click_id: click,
        payout: '5.00',
        transaction_id: `t${index}`,
        user_id: userId,
        ip: '203.0.113.77',
        hobby: 'stamps-and-coins',
        ...(index === 2 ? { status: 'nobody-knows' } : {}),
      };
      await stack.postback(campaign.key, told, { headers: { 'user-agent': 'JaneBrowser/1.0' } });
    }
    await stack.eventually(() => expect(stack.publisher.requests).toHaveLength(2));
    await stack.eventually(async () => expect(await everything()).toMatch(/"delivered".*"delivered"/));
    expect(await everything()).toContain(userId);
    outputs = await StackOutputs.of('postback-dev', stack.system);
    const env = {
      PATH: process.env['PATH'],
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: stack.system.endpoints.dynamodb,
      AWS_ENDPOINT_URL_CLOUDFORMATION: outputs.url,
    };
    const args = ['bin/erase-user.ts', '--stage', 'dev', '--publisher', campaign.publisherId, '--user', userId, '--pause', '1'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    report = JSON.parse(stdout);
  }, 120_000);
  afterAll(async () => {
    await outputs.stop();
    await stack.stop();
  });

  test('leaves nothing in any table that leads to the person', async () => {
    const rows = await everything();
    for (const trace of [userId, '203.0.113.77', 'JaneBrowser', 'stamps-and-coins']) expect(rows).not.toContain(trace);
  });

  test('leaves log entries that can still be read', async () => {
    const { logs } = await stack.adminOk('GET', `/received-postbacks?partner_id=${campaign.partnerId}`);
    expect(logs).toHaveLength(3);
    for (const { log_id } of logs) expect((await stack.admin('GET', `/received-postbacks/${log_id}`)).status).toBe(200);
  });

  test('keeps the money: the pseudonym has the points, and the person has none', async () => {
    expect(report).toMatchObject({ balance: '8', entries: 2, conversions: 4, clicks: 3 });
    const theirs = await stack.points(campaign.publisherId, report.pseudonym);
    expect(Number(theirs.balance)).toBe(8);
    expect(theirs.entries).toHaveLength(2);
    expect(Number((await stack.points(campaign.publisherId, encodeURIComponent(userId))).balance)).toBe(0);
  });

  test('leaves conversions and held postbacks that are found under the pseudonym', async () => {
    const found = async (user: string) => (await stack.adminOk('GET', `/conversions?user_id=${encodeURIComponent(user)}`)).conversions;
    expect((await found(report.pseudonym)).map(({ status }: { status: string }) => status)).toEqual(['held', 'approved', 'approved']);
    expect(await found(userId)).toEqual([]);
  });

  test('leaves held postbacks that a person can settle, since nothing is left to process again', async () => {
    const { conversions } = await stack.adminOk('GET', `/conversions?partner_id=${campaign.partnerId}&status=held`);
    expect(conversions).toHaveLength(1);
    const [{ conversion_id: id }] = conversions;
    const { conversion } = await stack.adminOk('GET', `/conversions/${id}`);
    expect(conversion).toMatchObject({ status: 'held', user_id: report.pseudonym });
    const [{ log_id }] = (await stack.adminOk('GET', `/received-postbacks?partner_id=${campaign.partnerId}&result=held`)).logs;
    expect(await stack.admin('POST', `/received-postbacks/${log_id}/reprocess`)).toMatchObject({
      status: 409,
      body: { code: 'user_erased' },
    });
    await stack.adminOk('POST', `/conversions/${id}/status`, { status: 'approved', reason: 'the partner says so' });
    await stack.eventually(async () => expect(Number((await stack.points(campaign.publisherId, report.pseudonym)).balance)).toBe(12));
  });

  test('leaves conversions that can be reversed: a later reversal takes from the pseudonym', async () => {
    const answer = await stack.postback(campaign.key, { click_id: campaign.clickId, status: 'reversed', transaction_id: 't0' });
    expect(answer.body).toMatchObject({ result: 'accepted' });
    await stack.eventually(async () => expect(Number((await stack.points(campaign.publisherId, report.pseudonym)).balance)).toBe(8));
  });
});
