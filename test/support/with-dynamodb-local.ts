/** Runs a command with `DYNAMODB_ENDPOINT` set to Amazon's own DynamoDB Local, which needs Java. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startDynamoEmulator } from '../../lib/local/dynamo-emulator.ts';

const [command = '', ...args] = process.argv.slice(2);
const emulator = await startDynamoEmulator(undefined, 'amazon');
try {
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, DYNAMODB_ENDPOINT: emulator.endpoint } });
  const [code] = await once(child, 'exit');
  process.exitCode = typeof code === 'number' ? code : 1;
} finally {
  await emulator.stop();
}
