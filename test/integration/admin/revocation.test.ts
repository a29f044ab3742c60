import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LocalStack } from '../../support/local-stack.ts';

/**
 * Whatever is revoked stops working when the functions' caches have expired: here after two seconds, in a deployment after at most 60
 * (contract 1.3).
 */

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.startOwn({ environment: { SETTINGS_CACHE_SECONDS: '2' } });
});
afterAll(() => stack.stop());

const statusWith = async (token: string) => (await stack.admin('GET', '/me', undefined, token)).status;

test('a key that was in use a moment ago', async () => {
  const { partnerId, key, newClick } = await stack.campaign();
  const { keys } = await stack.adminOk('GET', `/partners/${partnerId}/keys`);
  const click_id = await newClick();
  expect((await stack.postback(key, { click_id, payout: '5' })).status).toBe(200);
  await stack.adminOk('DELETE', `/partners/${partnerId}/keys/${keys[0].key_id}`);
  const late = { click_id: await newClick(), payout: '5' };
  await stack.eventually(async () => expect((await stack.postback(key, { ...late })).status).toBe(404), 8_000);
});

test('a token that was in use a moment ago, at once', async () => {
  const { token } = await stack.adminOk('POST', '/tokens', { name: 'Short-lived', role: 'viewer' });
  expect(await statusWith(token.token)).toBe(200);
  await stack.adminOk('DELETE', `/tokens/${token.token_id}`);
  expect(await statusWith(token.token)).toBe(401);
});

test('the first token, once it is replaced', async () => {
  const { region, secrets, adminToken } = stack.system;
  expect(await statusWith(adminToken)).toBe(200);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SecretsManagerClient({ region, endpoint: secrets.endpoint, credentials });
  await client.send(new PutSecretValueCommand({ SecretId: secrets.adminToken, SecretString: 'another-first-token' }));
  client.destroy();
  await stack.eventually(async () => expect(await statusWith(adminToken)).toBe(401), 8_000);
  expect(await statusWith('another-first-token')).toBe(200);
});
