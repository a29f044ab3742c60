#!/usr/bin/env node
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { Demo } from '../lib/local/demo.ts';
import { startLocal } from '../lib/local/start-local.ts';

const aPort = 'is not a port. Set it to a number from 0 (any free port) to 65535.';
const logLevels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT'] as const;
const environment = z.object({
  PORT: z.coerce.number(aPort).pipe(z.int(aPort).min(0, aPort).max(65_535, aPort)).default(3000),
  DATA_DIR: z.string().min(1).default('.local'),
  ADMIN_TOKEN: z
    .string()
    .regex(/^\S{1,4096}$/, 'cannot be used. Set it to 1 to 4096 characters without blanks.')
    .optional(),
  DYNAMODB_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'is not a URL. Set it to one such as http://127.0.0.1:8000, or unset it.' })
    .optional(),
  POWERTOOLS_LOG_LEVEL: z
    .string()
    .toUpperCase()
    .pipe(z.enum(logLevels, `is not a log level. Set it to one of ${logLevels.join(', ')}.`))
    .optional(),
});

/** Every function gets those of these variables that are set for `npm start`. */
const passedOn = ['SETTINGS_CACHE_SECONDS', 'OUTBOUND_POLICY', 'RATE_PER_KEY', 'RATE_PER_UNKNOWN_ADDRESS', 'POWERTOOLS_LOG_LEVEL'];

/** @throws Error naming each variable that is wrong. An empty variable counts as not set. */
function readEnvironment(): z.output<typeof environment> {
  const read = environment.safeParse(Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== '')));
  if (read.success) return read.data;
  const wrong = read.error.issues.map(({ path, message }) => {
    const name = path.join('.');
    return `${name === 'ADMIN_TOKEN' ? name : `${name}=${process.env[name]}`} ${message}`;
  });
  throw new Error(wrong.join('\n'));
}

async function main(): Promise<void> {
  const { PORT, DATA_DIR, ADMIN_TOKEN, DYNAMODB_ENDPOINT } = readEnvironment();
  const demo = new Demo();
  const system = await startLocal({
    port: PORT,
    dataDir: DATA_DIR,
    pages: demo.pages,
    progress: console.log,
    environment: Object.fromEntries(passedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
    ...(ADMIN_TOKEN !== undefined && { adminToken: ADMIN_TOKEN }),
    ...(DYNAMODB_ENDPOINT !== undefined && { dynamodbEndpoint: DYNAMODB_ENDPOINT }),
  });
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await Promise.race([system.stop(), sleep(8000)]);
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());

  if (ADMIN_TOKEN === undefined) console.log(`Admin token: ${system.adminToken}`);
  console.log(`Console:     ${system.url}/admin`);
  console.log(`Documents:   ${system.url}/docs`);
  await demo.present(system, DATA_DIR === ':memory:' ? undefined : DATA_DIR);
  console.log(`ready ${system.url}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
