import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join, resolve } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { closeServer, listen } from './http-server.ts';
import { readSecrets } from './secrets.ts';
import { unusable } from './unusable-file.ts';

/** What is checked before anything is built. */
interface StartConditions {
  readonly port: number;
  /** Absent: nothing is kept. */
  readonly directory: string | undefined;
  readonly dynamodbEndpoint: string | undefined;
}

/**
 * Checks what can be wrong on this machine before seconds are spent on building. Each error names the variable or the file that
 * is to blame, and says what to do.
 *
 * @throws Error for the first thing that is wrong.
 */
export async function checkStart({ port, directory, dynamodbEndpoint }: StartConditions): Promise<void> {
  await checkPort(port);
  if (directory !== undefined) {
    prepareDirectory(directory);
    checkFiles(directory);
  }
  if (dynamodbEndpoint !== undefined) await checkEndpoint(dynamodbEndpoint);
}

async function checkPort(port: number): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  await listen(server, port);
  await closeServer(server);
}

/** Creates one folder after another: `mkdir` with `recursive` never returns where the system refuses without a reason, as in /proc. */
function prepareDirectory(directory: string): void {
  const path = resolve(directory);
  try {
    for (const folder of missingFolders(path)) mkdirSync(folder, { mode: 0o700 });
    if (!statSync(path).isDirectory()) throw new Error('it is a file, not a folder');
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(`DATA_DIR=${directory} cannot be used: ${reasonOf(error)}. Set DATA_DIR to a folder that you may write to.`, {
      cause: error,
    });
  }
}

/** The folders that have to be created, the outermost first. */
function missingFolders(path: string): string[] {
  return existsSync(path) || path === dirname(path) ? [] : [...missingFolders(dirname(path)), path];
}

function checkFiles(directory: string): void {
  for (const file of databasesIn(directory)) {
    const damage = damageOf(file);
    if (damage !== undefined) throw unusable(file, damage);
  }
  readSecrets(directory);
}

function databasesIn(directory: string): string[] {
  const own = ['lock.db', 'dynamodb.db'].map((name) => join(directory, name));
  const queues = join(directory, 'queues');
  const ofQueues = existsSync(queues) ? readdirSync(queues).flatMap((name) => (name.endsWith('.db') ? [join(queues, name)] : [])) : [];
  return [...own, ...ofQueues].filter((file) => existsSync(file));
}

/** @returns why SQLite cannot open the file (its own messages do not say that clearly); `undefined` when it can. */
function damageOf(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
    const beginning = Buffer.alloc(16);
    const descriptor = openSync(file, 'r');
    const length = readSync(descriptor, beginning, 0, beginning.length, 0);
    closeSync(descriptor);
    // An empty file is a new database.
    return length === 0 || beginning.toString('latin1') === 'SQLite format 3\0' ? undefined : 'it is not a database';
  } catch (error) {
    return reasonOf(error);
  }
}

async function checkEndpoint(endpoint: string): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  try {
    await client.send(new ListTablesCommand({ Limit: 1 }));
  } catch (error) {
    throw new Error(
      `DYNAMODB_ENDPOINT=${endpoint} does not answer as DynamoDB does: ${reasonOf(error)}. Start DynamoDB there, or unset the variable to use the emulator that npm ci installed.`,
      { cause: error },
    );
  } finally {
    client.destroy();
  }
}

/** The reason that the operating system gives, in words: its own messages repeat paths and names of system calls. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code !== undefined) return reasons.get(code) ?? code;
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'you have no permission (EACCES)'],
  ['EPERM', 'you have no permission (EPERM)'],
  ['EROFS', 'its file system can only be read (EROFS)'],
  ['ENOSPC', 'the disk is full (ENOSPC)'],
  ['ENOTDIR', 'a part of its path is a file, not a folder (ENOTDIR)'],
  ['ENOENT', 'the folder cannot be created there (ENOENT)'],
  ['ECONNREFUSED', 'nothing listens there (ECONNREFUSED)'],
  ['ENOTFOUND', 'there is no such host (ENOTFOUND)'],
]);
