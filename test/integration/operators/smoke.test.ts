import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Step, smokeTest } from '../../../lib/operators/smoke-test.ts';
import { LocalStack } from '../../support/local-stack.ts';
import { queuesOf } from '../../support/tables.ts';

const smoke = ({ url, system }: LocalStack, adminToken = system.adminToken): Promise<readonly Step[]> =>
  smokeTest({ address: url, adminToken, patienceMs: 3_000 });
const faults = (steps: readonly Step[]) => steps.flatMap(({ name, fault }) => (fault === undefined ? [] : [`${name}: ${fault}`]));

describe('on a whole system', () => {
  let stack: LocalStack;
  beforeAll(async () => {
    stack = await LocalStack.startOwn();
  });
  afterAll(() => stack?.stop());

  test('the smoke test passes twice on one system, each step with its time, and leaves no partner and no points', async () => {
    for (let run = 0; run < 2; run += 1) {
      const steps = await smoke(stack);
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
    expect(faults(await smoke(stack, 'no-token-of-ours'))).toEqual([expect.stringContaining('The admin API does not know this token')]);
  });

  // The last one, because nothing works without the queue.
  test('the smoke test names a missing queue as the cause', async () => {
    const client = queuesOf(stack);
    await client.send(new DeleteQueueCommand({ QueueUrl: stack.system.queues.get('ConversionsQueue')?.url }));
    client.destroy();
    expect(faults(await smoke(stack))).toEqual([
      expect.stringMatching(/^the user has the points: The user has 0\.00 points .*conversions queue/),
    ]);
  });
});

test.each([
  ['receiver', 'dynamodb:PutItem', 'a postback is accepted', '`postback_unavailable`'],
  ['processor', 'dynamodb:PutItem', 'the user has the points', '`settle_failed`'],
  ['admin', 'secretsmanager:GetSecretValue', 'a partner, a key, an offer, a publisher and a click are created', '`admin_failed`'],
])('a right that the %s lacks, %s, fails the step in which it is needed and leads to its log', async (name, action, step, where) => {
  const stack = await LocalStack.startOwn({ withhold: (right, of) => of === name && right.action === action });
  try {
    expect(faults(await smoke(stack))).toEqual([expect.stringMatching(new RegExp(`^${step}: .*${where}`))]);
  } finally {
    await stack.stop();
  }
});
