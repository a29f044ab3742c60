import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { synthesise } from './assembly.ts';
import { Deployment } from './deployment.ts';
import { startDynamoEmulator } from './dynamo-emulator.ts';
import { readAssembly } from './template.ts';

/** The tables of a local run, for a program beside it. */
export interface OpenedTables {
  readonly client: DynamoDBClient;
  /** By the part of the name before `Table`, such as `Conversions`. */
  readonly names: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/** The file in which a run records where its emulators listen. */
export const endpointsFile = 'endpoints.json';
const endpointsSchema = z.object({ dynamodb: z.url() });

/**
 * Opens the tables in a data directory, through the emulator of the run that is using them or, if there is none, with an emulator of its
 * own.
 *
 * @param endpoint a DynamoDB that already runs; it is used instead of both.
 * @throws Error when the directory does not exist.
 */
export async function openLocalTables(directory: string, endpoint?: string): Promise<OpenedTables> {
  const assembly = await readAssembly(await synthesise('dev', { bundle: false }));
  const found = endpoint ?? (await runningEndpoint(directory));
  if (found === undefined && !existsSync(directory)) throw new Error(`there is no data in ${directory}`);
  const own = found === undefined ? await startDynamoEmulator(directory) : undefined;
  const client = clientOf(found ?? own?.endpoint ?? '', assembly.region);
  const tablePrefix = endpoint === undefined ? '' : 'local-';
  const tables = new Deployment(assembly, { queueEndpoint: 'http://127.0.0.1', tablePrefix }).tables();
  return {
    client,
    names: new Map(tables.map(({ id, name }) => [id.replace(/Table[0-9A-F]{8}$/, ''), name])),
    close: async () => {
      client.destroy();
      await own?.stop();
    },
  };
}

function clientOf(endpoint: string, region: string): DynamoDBClient {
  return new DynamoDBClient({ region, endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 });
}

/** @returns `undefined` when no system runs on the directory. A run that was killed leaves its file behind. */
async function runningEndpoint(directory: string): Promise<string | undefined> {
  const file = join(directory, endpointsFile);
  if (!existsSync(file)) return undefined;
  const read = endpointsSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (!read.success) return undefined;
  const client = clientOf(read.data.dynamodb, 'us-east-1');
  try {
    await client.send(new ListTablesCommand({}));
    return read.data.dynamodb;
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}
