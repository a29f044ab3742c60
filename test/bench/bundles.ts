import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import * as z from 'zod';
import { bundleOptions, credentialProvidersNotInLambda } from '../../lib/bundles.ts';
import { synthesise } from '../../lib/local/assembly.ts';
import { Deployment } from '../../lib/local/deployment.ts';
import { readAssembly } from '../../lib/local/template.ts';
import { median } from './numbers.ts';

interface Bundle {
  readonly kilobytes: number;
  /** The median milliseconds that an import takes, each in a fresh process. */
  readonly importMilliseconds: number;
}

export interface BundleComparison {
  readonly receiver: Bundle;
  /** The three SDK clients that the receiver uses: they are only created, without the changes that make the functions start faster. */
  readonly clientsOnly: Bundle;
  /** The same, bundled like the functions, with the changes that make them start faster. */
  readonly clientsLikeReceiver: Bundle;
  readonly importRatio: number;
}

/** The part that the receiver cannot do without: its clients for DynamoDB, SQS and Secrets Manager. */
const clientsOnly = `
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
const clients = [DynamoDBDocumentClient.from(new DynamoDBClient({})), new SQSClient({}), new SecretsManagerClient({})];
export const handler = () => [clients, GetCommand, TransactWriteCommand, SendMessageCommand, GetSecretValueCommand].length;
`;

const importer = `
const from = performance.now();
await import(process.argv[1]);
process.stdout.write(String(performance.now() - from));
process.exit(0);
`;

/** Imports each in turn, so that a busy moment of the machine affects all. */
export async function compareBundles(rounds = 15): Promise<BundleComparison> {
  const deployment = new Deployment(await readAssembly(await synthesise('dev')), { queueEndpoint: 'http://127.0.0.1:9', tablePrefix: '' });
  const receiver = deployment.functions().find(({ name }) => name === 'receiver');
  if (receiver === undefined) throw new Error('there is no receiver');
  const directory = await mkdtemp(join(tmpdir(), 'postback-bench-'));
  try {
    const entry = join(import.meta.dirname, `.clients-only-${process.pid}.mjs`);
    await writeFile(entry, clientsOnly);
    const [plain, alike] = [join(directory, 'plain.mjs'), join(directory, 'alike.mjs')];
    const { alias: _, ...others } = bundleOptions;
    const plainOptions = { ...others, external: credentialProvidersNotInLambda };
    await Promise.all([
      build({ ...plainOptions, entryPoints: [entry], outfile: plain }),
      build({ ...bundleOptions, entryPoints: [entry], outfile: alike }),
    ]).finally(() => rm(entry, { force: true }));
    const files = [join(receiver.bundle, 'index.mjs'), plain, alike];
    const times: number[][] = files.map(() => []);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, file] of files.entries()) times[index]?.push(await importTime(file, receiver.environment));
    }
    const [measured, clients, clientsAlike] = await Promise.all(
      files.map(async (file, index) => ({ kilobytes: await kilobytes(file), importMilliseconds: median(times[index] ?? []) })),
    );
    if (measured === undefined || clients === undefined || clientsAlike === undefined) throw new Error('nothing was measured');
    const importRatio = measured.importMilliseconds / clients.importMilliseconds;
    return { receiver: measured, clientsOnly: clients, clientsLikeReceiver: clientsAlike, importRatio };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function importTime(file: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const env = {
    ...environment,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    PATH: process.env['PATH'] ?? '',
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', importer, file], { env });
  return z.coerce.number().parse(stdout);
}

async function kilobytes(file: string): Promise<number> {
  return (await stat(file)).size / 1024;
}
