import { networkOf, proxiesIn } from '../adapters/addresses.ts';
import { createAlerts } from '../adapters/dynamo/alerts.ts';
import { createClickStore } from '../adapters/dynamo/click-store.ts';
import { createDocumentClient } from '../adapters/dynamo/client.ts';
import { createJournal } from '../adapters/dynamo/journal.ts';
import { createKeyRates } from '../adapters/dynamo/key-rates.ts';
import { createKeyReader } from '../adapters/dynamo/key-store.ts';
import { createPaidCounter } from '../adapters/dynamo/ledger-reader.ts';
import { createRowReader } from '../adapters/dynamo/row-reader.ts';
import { createSettingsReader } from '../adapters/dynamo/settings-reader.ts';
import { gunzip } from '../adapters/gunzip.ts';
import { fingerprintOf, hashSecret } from '../adapters/hashing.ts';
import { newId } from '../adapters/ids.ts';
import { createSecretReader } from '../adapters/secrets.ts';
import { createDeliveryHints, createQueueClient, createSettleHints } from '../adapters/sqs/queues.ts';
import { createUnderstanding } from '../adapters/understanding.ts';
import { createVault } from '../adapters/vault.ts';
import { readEnvironment } from '../runtime/env.ts';
import { inflate } from '../runtime/inflate.ts';
import { createMeasure, logWarning, type Measure } from '../runtime/logger.ts';
import { receiverEnvironment } from './env.ts';
import { createKeyFinder } from './find-key.ts';
import { createRateLimiter } from './rate-limiter.ts';
import type { ReceiverDependencies } from './receive-postback.ts';
import { createSharedRate } from './shared-rate.ts';

interface Receiver extends ReceiverDependencies {
  readonly measure: Measure;
  readonly isTrustedProxy: (address: string) => boolean;
}

/** @param services clients for everything outside the process; a simulation passes its own. */
export function createReceiver(
  environment: NodeJS.ProcessEnv = process.env,
  services = { client: createDocumentClient(), queues: createQueueClient(), readSecret: createSecretReader() },
): Receiver {
  const env = readEnvironment(receiverEnvironment, environment);
  const { client, queues, readSecret } = services;
  const readRow = createRowReader(client);
  const vault = createVault(() => readSecret(env.SECRETS_KEY_ID));
  const keys = createKeyReader(client, env.KEYS_TABLE, env.SETTINGS_CACHE_SECONDS);
  const settings = createSettingsReader(client, env.SETTINGS_TABLE, env.SETTINGS_CACHE_SECONDS);
  const hints = { ...createSettleHints(queues, env.CONVERSIONS_QUEUE_URL), ...createDeliveryHints(queues, env.DELIVERIES_QUEUE_URL) };
  return {
    settings,
    clicks: createClickStore(client, env.CLICKS_TABLE, readRow),
    keys,
    hiddenKeys: { gunzip, inflate, isKey: async (text) => (await keys.find(hashSecret(text))) !== undefined },
    findKey: createKeyFinder({ keys, hashKey: hashSecret, tries: createRateLimiter(env.RATE_PER_UNKNOWN_ADDRESS), networkOf }),
    journal: createJournal(
      client,
      {
        postbacks: env.POSTBACKS_TABLE,
        conversions: env.CONVERSIONS_TABLE,
        deliveries: env.DELIVERIES_TABLE,
        statistics: env.STATISTICS_TABLE,
      },
      {},
      readRow,
    ),
    hints,
    alerts: createAlerts(client, {
      tables: { settings: env.SETTINGS_TABLE, deliveries: env.DELIVERIES_TABLE },
      cacheSeconds: env.SETTINGS_CACHE_SECONDS,
      newId,
      now: Date.now,
      hint: hints.deliver,
    }),
    understanding: createUnderstanding(settings, vault),
    isTrustedProxy: proxiesIn(env.TRUSTED_PROXIES),
    conversionsSince: createPaidCounter(client, env.LEDGER_TABLE),
    fingerprint: fingerprintOf,
    encodeBody: (body) => Buffer.from(body).toString('base64'),
    withinKeyRate: createRateLimiter(env.RATE_PER_KEY).take,
    sharedRate: createSharedRate(env.RATE_PER_KEY, createKeyRates(client, env.STATISTICS_TABLE, Date.now)),
    now: Date.now,
    newId,
    measure: createMeasure(env.STAGE),
    warn: logWarning,
  };
}
