import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LocalStack } from '../../support/local-stack.ts';
import { StackOutputs } from '../../support/stack-outputs.ts';

describe("operators' commands find a stage by its stack's outputs", () => {
  let stack: LocalStack;
  let outputs: StackOutputs;
  beforeAll(async () => {
    stack = await LocalStack.startOwn();
    outputs = await StackOutputs.of('postback-production', stack.system);
  });
  afterAll(async () => {
    await outputs.stop();
    await stack.stop();
  });

  const run = (command: string, ...args: string[]) => {
    const env = {
      PATH: process.env['PATH'],
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_CLOUDFORMATION: outputs.url,
      AWS_ENDPOINT_URL_DYNAMODB: stack.system.endpoints.dynamodb,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: stack.system.secrets.endpoint,
    };
    return promisify(execFile)(process.execPath, [`bin/${command}.ts`, ...args], { env });
  };

  test('reconcile compares its tables', async () => {
    const { key, clickId } = await stack.campaign();
    await stack.postback(key, { click_id: clickId, payout: '5.00' });
    await stack.eventually(() => expect(stack.publisher.requests).toHaveLength(1));
    const { stdout } = await run('reconcile', '--stage', 'production');
    expect(stdout).toMatch(/^1 log entries, 1 conversions, 1 balances and \d deliveries compared: 0 gaps$/m);
  });

  test.each([
    ['a stage that does not exist', 'prod', /no stage 'prod'; there are: dev, production/],
    ['a stage that is not deployed', 'dev', /Stack with id postback-dev does not exist/],
  ])('%s stops them, whatever else is in the account', async (_, stage, said) => {
    for (const command of ['reconcile', 'rotate-admin-token']) {
      await expect(run(command, '--stage', stage)).rejects.toMatchObject({ stderr: expect.stringMatching(said) });
    }
    await expect(run('erase-user', '--stage', stage, '--publisher', 'p', '--user', 'u')).rejects.toMatchObject({
      stderr: expect.stringMatching(said),
    });
  });

  test('rotate-admin-token replaces the first token, which then stops, and prints neither', async () => {
    const before = stack.system.adminToken;
    expect((await stack.admin('GET', '/partners', undefined, before)).status).toBe(200);
    const { stdout, stderr } = await run('rotate-admin-token', '--stage', 'production');
    const client = new SecretsManagerClient({
      region: stack.system.region,
      endpoint: stack.system.secrets.endpoint,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const { SecretString: after = '' } = await client.send(new GetSecretValueCommand({ SecretId: stack.system.secrets.adminToken }));
    client.destroy();
    expect(after).toMatch(/^[\w-]{43}$/);
    expect(stdout + stderr).not.toContain(after);
    expect((await stack.admin('GET', '/partners', undefined, before)).status).toBe(401);
    expect((await stack.admin('GET', '/partners', undefined, after)).status).toBe(200);
  });
});
