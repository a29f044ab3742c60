import { createAlerts } from '../adapters/dynamo/alerts.ts';
import { type BacklogReader, createBacklogReader } from '../adapters/dynamo/backlog-reader.ts';
import { createDocumentClient } from '../adapters/dynamo/client.ts';
import { createDueReleases, createDueWork } from '../adapters/dynamo/due-work.ts';
import { createEndpoints } from '../adapters/dynamo/endpoints.ts';
import { createHeldBacklog } from '../adapters/dynamo/held-backlog.ts';
import { createHeldDeliveries } from '../adapters/dynamo/held-deliveries.ts';
import { createLogReader } from '../adapters/dynamo/log-reader.ts';
import { createMinutes } from '../adapters/dynamo/open-minutes.ts';
import { createPartnerActivity, createPartnerIds } from '../adapters/dynamo/partner-activity.ts';
import { createRecordsReader } from '../adapters/dynamo/records-reader.ts';
import { newId } from '../adapters/ids.ts';
import { createDeliveryHints, createQueueClient, createSweepHints } from '../adapters/sqs/queues.ts';
import { readEnvironment } from '../runtime/env.ts';
import { createMeasure, type Measure } from '../runtime/logger.ts';
import { sweeperEnvironment } from './env.ts';
import type { ReconcilingPorts } from './reconcile-minute.ts';
import type { SweeperDependencies } from './sweep.ts';
import type { WatchPorts } from './watch-partners.ts';

interface SweeperInstruments {
  readonly backlog: BacklogReader;
  /** Epoch milliseconds of the oldest delivery that is held for a paused publisher. */
  readonly oldestHeld: () => Promise<number | undefined>;
  readonly measure: Measure;
}

/**
 * The newest entries of an account that are compared: an account that had more of them in the last quarter of an hour is checked only that
 * far.
 */
const mostEntries = 100;

type Sweeper = Omit<SweeperDependencies & ReconcilingPorts & WatchPorts, 'timeIsUp'> & SweeperInstruments;

/** @param services clients for the services outside the function; a simulation passes its own. */
export function createSweeper(
  environment: NodeJS.ProcessEnv = process.env,
  services = { client: createDocumentClient(), queues: createQueueClient() },
): Sweeper {
  const env = readEnvironment(sweeperEnvironment, environment);
  const { client, queues } = services;
  const records = createRecordsReader(
    client,
    {
      postbacks: env.POSTBACKS_TABLE,
      conversions: env.CONVERSIONS_TABLE,
      ledger: env.LEDGER_TABLE,
      deliveries: env.DELIVERIES_TABLE,
    },
    { mostEntries, consistent: false },
  );
  return {
    read: (stretch) => records.read(stretch),
    minutes: createMinutes(client, {
      postbacks: env.POSTBACKS_TABLE,
      conversions: env.CONVERSIONS_TABLE,
      deliveries: env.DELIVERIES_TABLE,
    }),
    due: createDueWork(client, env.DELIVERIES_TABLE),
    waiting: createDueReleases(client, env.CONVERSIONS_TABLE),
    hints: {
      ...createSweepHints(queues, { conversions: env.CONVERSIONS_QUEUE_URL, deliveries: env.DELIVERIES_QUEUE_URL }),
      ...createDeliveryHints(queues, env.DELIVERIES_QUEUE_URL),
    },
    held: createHeldDeliveries(client, env.DELIVERIES_TABLE),
    endpoints: createEndpoints(client, env.ENDPOINTS_TABLE, 0),
    backlog: createBacklogReader(client, { postbacks: env.POSTBACKS_TABLE, deliveries: env.DELIVERIES_TABLE }),
    oldestHeld: createHeldBacklog(client, { settings: env.SETTINGS_TABLE, deliveries: env.DELIVERIES_TABLE }),
    alerts: createAlerts(client, {
      tables: { settings: env.SETTINGS_TABLE, deliveries: env.DELIVERIES_TABLE },
      cacheSeconds: env.SETTINGS_CACHE_SECONDS,
      newId,
      now: Date.now,
      hint: createDeliveryHints(queues, env.DELIVERIES_QUEUE_URL).deliver,
    }),
    partners: createPartnerIds(client, env.SETTINGS_TABLE),
    recent: createPartnerActivity(createLogReader(client, { postbacks: env.POSTBACKS_TABLE, conversions: env.CONVERSIONS_TABLE })),
    measure: createMeasure(env.STAGE),
    now: Date.now,
  };
}
