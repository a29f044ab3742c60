import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { afterEach, expect, test } from '@jest/globals';
import { type Step, smokeTest } from '../../../lib/operators/smoke-test.ts';
import { LocalStack } from '../../support/local-stack.ts';
import { queuesOf } from '../../support/tables.ts';

let stack: LocalStack | undefined;
afterEach(() => stack?.stop());

const smoke = (adminToken = stack?.system.adminToken ?? ''): Promise<readonly Step[]> =>
  smokeTest({ address: stack?.url ?? '', adminToken, patienceMs: 3_000 });
const faults = (steps: readonly Step[]) => steps.flatMap(({ name, fault }) => (fault === undefined ? [] : [`${name}: ${fault}`]));

test('the smoke test passes twice on one system, each step with its time, and leaves no partner and no points', async () => {
  stack = await LocalStack.startOwn();
  for (let run = 0; run < 2; run += 1) {
    const steps = await smoke();
    expect(faults(steps)).toEqual([]);
    expect(steps.length).toBeGreaterThanOrEqual(11);
    for (const { milliseconds } of steps) expect(milliseconds).toBeGreaterThanOrEqual(0);
  }
  const env = { PATH: process.env['PATH'], ADMIN_TOKEN: stack.system.adminToken };
  const { stdout } = await promisify(execFile)(process.execPath, ['bin/smoke.ts', stack.url], { env });
  expect(stdout).toMatch(/^ok +\d+ ms {2}the URL answers$[\s\S]*^All \d+ steps worked\.$/m);
  const { partners } = await stack.adminOk('GET', '/partners');
  expect(partners.filter(({ status }: { status?: string }) => status === 'active')).toEqual([]);
});

test('the smoke test names a wrong token as the cause', async () => {
  stack = await LocalStack.startOwn();
  expect(faults(await smoke('no-token-of-ours'))).toEqual([expect.stringContaining('The admin API does not know this token')]);
});

test.each([
  ['receiver', 'dynamodb:PutItem', 'a postback is accepted', '`postback_unavailable`'],
  ['processor', 'dynamodb:PutItem', 'the user has the points', '`settle_failed`'],
  ['admin', 'secretsmanager:GetSecretValue', 'a partner, a key, an offer, a publisher and a click are created', '`admin_failed`'],
])('a right that the %s lacks, %s, fails the step in which it is needed and leads to its log', async (name, action, step, where) => {
  stack = await LocalStack.startOwn({ withhold: (right, of) => of === name && right.action === action });
  expect(faults(await smoke())).toEqual([expect.stringMatching(new RegExp(`^${step}: .*${where}`))]);
});

test('the smoke test names a missing queue as the cause', async () => {
  stack = await LocalStack.startOwn();
  const client = queuesOf(stack);
  await client.send(new DeleteQueueCommand({ QueueUrl: stack.system.queues.get('ConversionsQueue')?.url }));
  client.destroy();
  expect(faults(await smoke())).toEqual([expect.stringMatching(/^the user has the points: The user has 0\.00 points .*conversions queue/)]);
});
