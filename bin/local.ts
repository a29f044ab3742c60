#!/usr/bin/env node
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { Demo } from '../lib/local/demo.ts';
import { startLocal } from '../lib/local/start-local.ts';

const environment = z.object({
  PORT: z.coerce
    .number()
    .pipe(z.int('must be a port: 0 to 65535').min(0, 'must be a port: 0 to 65535').max(65_535, 'must be a port: 0 to 65535'))
    .default(3000),
  DATA_DIR: z.string().min(1).default('.local'),
  ADMIN_TOKEN: z
    .string()
    .regex(/^\S{1,4096}$/, 'must be without blanks')
    .optional(),
  DYNAMODB_ENDPOINT: z.url().optional(),
});

/** Anything of these set for `npm start` goes to every function. */
const passedOn = ['SETTINGS_CACHE_SECONDS', 'OUTBOUND_POLICY', 'RATE_PER_KEY', 'RATE_PER_UNKNOWN_ADDRESS', 'POWERTOOLS_LOG_LEVEL'];

/** @throws Error naming each variable that is wrong; an empty one counts as not set. */
function readEnvironment(): z.output<typeof environment> {
  const read = environment.safeParse(Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== '')));
  if (!read.success) throw new Error(read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  return read.data;
}

async function main(): Promise<void> {
  const { PORT, DATA_DIR, ADMIN_TOKEN, DYNAMODB_ENDPOINT } = readEnvironment();
  const demo = new Demo();
  const system = await startLocal({
    port: PORT,
    dataDir: DATA_DIR,
    pages: demo.pages,
    environment: Object.fromEntries(passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
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
  if (system.isNew) await demo.create(system);
  console.log(`ready ${system.url}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
