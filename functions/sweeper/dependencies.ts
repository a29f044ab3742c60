import { createDocumentClient } from '../adapters/dynamo/client.ts';
import { createDueWork } from '../adapters/dynamo/due-work.ts';
import { createHeldDeliveries } from '../adapters/dynamo/held-deliveries.ts';
import { createDeliveryHints, createQueueClient, createSweepHints } from '../adapters/sqs/queues.ts';
import { readEnvironment } from '../runtime/env.ts';
import { sweeperEnvironment } from './env.ts';
import type { SweeperDependencies } from './sweep.ts';

export function createSweeper(environment: NodeJS.ProcessEnv = process.env): Omit<SweeperDependencies, 'timeIsUp'> {
  const env = readEnvironment(sweeperEnvironment, environment);
  const client = createDocumentClient();
  const queues = createQueueClient();
  return {
    due: createDueWork(client, { conversions: env.CONVERSIONS_TABLE, deliveries: env.DELIVERIES_TABLE }),
    hints: {
      ...createSweepHints(queues, { conversions: env.CONVERSIONS_QUEUE_URL, deliveries: env.DELIVERIES_QUEUE_URL }),
      release: createDeliveryHints(queues, env.DELIVERIES_QUEUE_URL).release,
    },
    held: createHeldDeliveries(client, env.DELIVERIES_TABLE),
    now: Date.now,
  };
}
