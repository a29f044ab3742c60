import { nodeCrypto } from '../adapters/crypto.ts';
import { createAlerts } from '../adapters/dynamo/alerts.ts';
import { type AttemptOutcome, createAttemptCounters } from '../adapters/dynamo/attempt-counters.ts';
import { createBooks } from '../adapters/dynamo/books.ts';
import { createDocumentClient } from '../adapters/dynamo/client.ts';
import { createEndpoints } from '../adapters/dynamo/endpoints.ts';
import { createOutbox } from '../adapters/dynamo/outbox.ts';
import { createSettingsReader } from '../adapters/dynamo/settings-reader.ts';
import { readToldConversion } from '../adapters/dynamo/told-conversion.ts';
import { createPublisherClient } from '../adapters/http/publisher-client.ts';
import { createSender } from '../adapters/http/sender.ts';
import { newId } from '../adapters/ids.ts';
import { createSecretReader } from '../adapters/secrets.ts';
import { createMailClient, createMailer } from '../adapters/sns/alert-mail.ts';
import { createDeliveryHints, createQueueClient } from '../adapters/sqs/queues.ts';
import { createVault } from '../adapters/vault.ts';
import { readEnvironment } from '../runtime/env.ts';
import { createMeasure, logWarning, type Measure } from '../runtime/logger.ts';
import { processorEnvironment } from './env.ts';
import type { ForwardDependencies } from './forwarding/ports.ts';
import { createLimiter } from './limiter.ts';
import { createQuickEndpoints, type QuickEndpoints } from './quick-endpoints.ts';
import type { SettleDependencies } from './settle-conversions.ts';

/** A pause takes effect within a second or two (contract section 3). */
const healthCacheSeconds = 1;
/** How long a delivery waits for a free place at its publisher before it is postponed. */
const patienceMs = 1_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface Processor {
  readonly settling: SettleDependencies;
  readonly forwarding: ForwardDependencies;
  readonly readToldConversion: typeof readToldConversion;
  readonly quickEndpoints: QuickEndpoints;
  readonly countAttempts: (outcomes: readonly AttemptOutcome[]) => Promise<void>;
  readonly measure: Measure;
  readonly conversionsQueueArn: string;
  readonly deliveriesQueueArn: string;
}

/** @param services clients for everything outside the process; a simulation passes its own. */
export function createProcessor(
  environment: NodeJS.ProcessEnv = process.env,
  services = {
    client: createDocumentClient(),
    queues: createQueueClient(),
    readSecret: createSecretReader(),
    reachPublishers: createPublisherClient,
  },
): Processor {
  const env = readEnvironment(processorEnvironment, environment);
  const { client, queues, readSecret, reachPublishers } = services;
  const settingsOf = (cacheSeconds: number) => createSettingsReader(client, env.SETTINGS_TABLE, cacheSeconds);
  const settings = settingsOf(env.SETTINGS_CACHE_SECONDS);
  const hints = createDeliveryHints(queues, env.DELIVERIES_QUEUE_URL);
  const vault = createVault(() => readSecret(env.SECRETS_KEY_ID));
  const measure = createMeasure(env.STAGE);
  const alertsOf = (cacheSeconds: number) =>
    createAlerts(client, {
      tables: { settings: env.SETTINGS_TABLE, deliveries: env.DELIVERIES_TABLE },
      cacheSeconds,
      newId,
      now: Date.now,
      hint: hints.deliver,
    });
  const shared = { settings, hints, random: Math.random, warn: logWarning };
  return {
    readToldConversion,
    countAttempts: createAttemptCounters(client, env.STATISTICS_TABLE, Date.now, Math.random),
    measure,
    quickEndpoints: createQuickEndpoints(Date.now),
    conversionsQueueArn: env.CONVERSIONS_QUEUE_ARN,
    deliveriesQueueArn: env.DELIVERIES_QUEUE_ARN,
    settling: {
      ...shared,
      books: createBooks(
        client,
        {
          postbacks: env.POSTBACKS_TABLE,
          conversions: env.CONVERSIONS_TABLE,
          ledger: env.LEDGER_TABLE,
          statistics: env.STATISTICS_TABLE,
        },
        Math.random,
      ),
      measure,
      now: () => new Date(),
      newDeliveryId: newId,
      sleep,
    },
    forwarding: {
      ...shared,
      outbox: createOutbox(client, { conversions: env.CONVERSIONS_TABLE, deliveries: env.DELIVERIES_TABLE }),
      endpoints: createEndpoints(client, env.ENDPOINTS_TABLE, healthCacheSeconds),
      limiter: createLimiter(patienceMs, Date.now),
      send: createSender(reachPublishers({ policy: env.OUTBOUND_POLICY }), vault, Date.now),
      now: Date.now,
      sleep,
      alerts: alertsOf(env.SETTINGS_CACHE_SECONDS),
      oldestSettings: env.SETTINGS_CACHE_SECONDS * 1_000,
      stored: { settings: settingsOf(0), alerts: alertsOf(0) },
      sendEmail: createMailer(createMailClient(), env.ALERTS_TOPIC_ARN, Date.now),
      crypto: nodeCrypto,
      openSecret: vault.open,
    },
  };
}
