#!/usr/bin/env node
/**
 * Replaces a stage's first admin token: `npm run rotate-admin-token -- --stage production`. The old token stops working within a minute.
 * The command does not print the new one: operators read it from the same secret. Tokens that were issued with the old one stay valid.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { deployedStage } from '../lib/operators/deployed-stage.ts';

const tokenBytes = 32;

async function main(): Promise<void> {
  const { stage } = parseArgs({ options: { stage: { type: 'string' } } }).values;
  if (stage === undefined) throw new Error('npm run rotate-admin-token -- --stage <stage>');
  const { region, output } = await deployedStage(stage);
  const SecretId = output('FirstAdminToken');
  const client = new SecretsManagerClient({ region });
  await client.send(new PutSecretValueCommand({ SecretId, SecretString: randomBytes(tokenBytes).toString('base64url') }));
  console.log(`Token replaced. The old one stops working within a minute. Read the new one with
  aws secretsmanager get-secret-value --region ${region} --secret-id ${SecretId} --query SecretString --output text`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
