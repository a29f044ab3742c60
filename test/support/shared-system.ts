import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { type LocalOptions, type LocalSystem, startLocal } from '../../lib/local/start-local.ts';
import { createTables, deleteTables } from '../../lib/local/tables.ts';
import { credentials, functionNames, queuesOf } from './tables.ts';

let running: Promise<LocalSystem> | undefined;

/** Options for tests: everything is in memory, and the tests invoke the sweeper themselves, so that none depends on the minute. */
export function testOptions(): LocalOptions {
  const { DYNAMODB_ENDPOINT } = process.env;
  return {
    port: 0,
    dataDir: ':memory:',
    schedules: false,
    ...(DYNAMODB_ENDPOINT !== undefined && { dynamodbEndpoint: DYNAMODB_ENDPOINT }),
  };
}

/**
 * The shared system of this process, with empty tables, queues and logs. To start and warm up a system takes longer than most test files
 * do, so they use this one after the other.
 */
export async function sharedSystem(): Promise<LocalSystem> {
  const isNew = running === undefined;
  running ??= startLocal(testOptions());
  const system = await running;
  if (!isNew) await empty(system);
  return system;
}

/** The system ends with its process. When tests run in jest's own process, it has to be stopped. */
export default async function stopSharedSystem(): Promise<void> {
  await (await running)?.stop();
  running = undefined;
}

async function empty(system: LocalSystem): Promise<void> {
  const { region, endpoints, queues, tables } = system;
  const sqs = queuesOf({ system });
  const dynamo = new DynamoDBClient({ region, endpoint: endpoints.dynamodb, credentials });
  // Each file searches the logs at its end, and would search those of the files before it again and again.
  for (const name of functionNames) (system.log(name) as string[]).length = 0;
  for (const { url } of queues.values()) await sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
  await deleteTables(dynamo, [...tables.values()]);
  await createTables(dynamo, [...tables.values()]);
  sqs.destroy();
  dynamo.destroy();
}
