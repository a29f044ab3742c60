import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { isListed } from '../adapters/addresses.ts';
import { nodeCrypto } from '../adapters/crypto.ts';
import { createAuditLog } from '../adapters/dynamo/audit.ts';
import { createClickStore } from '../adapters/dynamo/click-store.ts';
import { createDocumentClient } from '../adapters/dynamo/client.ts';
import { createEndpoints } from '../adapters/dynamo/endpoints.ts';
import { createHeldDeliveries } from '../adapters/dynamo/held-deliveries.ts';
import { createKeysWriter } from '../adapters/dynamo/keys-writer.ts';
import { createLimitedClicks } from '../adapters/dynamo/limited-clicks.ts';
import { createRepetitions } from '../adapters/dynamo/repetitions.ts';
import { campaignKey, settingKinds } from '../adapters/dynamo/setting-rows.ts';
import { createSettingStore } from '../adapters/dynamo/settings-writer.ts';
import { createTokens } from '../adapters/dynamo/tokens.ts';
import { hashSecret } from '../adapters/hashing.ts';
import { createPublisherClient } from '../adapters/http/publisher-client.ts';
import { createSender } from '../adapters/http/sender.ts';
import { newWebhookSecret } from '../adapters/http/signing.ts';
import { newClickId, newId } from '../adapters/ids.ts';
import { createSecretReader } from '../adapters/secrets.ts';
import { createMailClient, createMailSubscriber } from '../adapters/sns/alert-mail.ts';
import { createDeliveryHints, createQueueClient } from '../adapters/sqs/queues.ts';
import { createVault } from '../adapters/vault.ts';
import { retire } from '../domain/delivery/circuit.ts';
import { endpointOf } from '../domain/delivery/postbacks.ts';
import type { Released } from '../domain/forwarding/ports.ts';
import { releaseHeld } from '../domain/forwarding/release-held.ts';
import { readEnvironment } from '../runtime/env.ts';
import type { Answer } from '../runtime/http.ts';
import { inflate } from '../runtime/inflate.ts';
import { logError, logWarning } from '../runtime/logger.ts';
import { createConsole } from './console.ts';
import { createDocuments } from './documents.ts';
import { adminEnvironment } from './env.ts';
import { openApiDocument } from './openapi.ts';
import type { SettingsDependencies } from './ports.ts';
import { createRecords } from './records/dependencies.ts';
import { adminRoutes } from './registry.ts';
import { keptAnswer } from './repetition.ts';
import { answerNotKept, createAdminApi } from './serve.ts';

export interface Admin {
  readonly serveApi: (event: APIGatewayProxyEventV2) => Promise<Answer>;
  readonly serveConsole: (event: APIGatewayProxyEventV2) => Answer;
  readonly serveDocuments: (event: APIGatewayProxyEventV2) => Answer;
  readonly openApi: () => object;
}

/** Whoever makes a change must see it at once, so nothing is served from memory. */
const cacheSeconds = 0;

/** The processor caches an endpoint's health for a second. A delivery that is released sooner than that would be held again. */
const healthSeconds = 2;

function later(released: Released): Released {
  return { ...released, delaySeconds: released.delaySeconds + healthSeconds };
}

/** @param services clients for the services outside the function; a simulation passes its own. */
export function createAdmin(
  environment: NodeJS.ProcessEnv = process.env,
  services = {
    client: createDocumentClient(),
    queues: createQueueClient(),
    readSecret: createSecretReader(),
    reachPublishers: createPublisherClient,
  },
): Admin {
  const env = readEnvironment(adminEnvironment, environment);
  const { client, queues, readSecret, reachPublishers } = services;
  const vault = createVault(() => readSecret(env.SECRETS_KEY_ID));
  const hints = createDeliveryHints(queues, env.DELIVERIES_QUEUE_URL);
  const held = createHeldDeliveries(client, env.DELIVERIES_TABLE);
  const endpoints = createEndpoints(client, env.ENDPOINTS_TABLE, cacheSeconds);
  const release: SettingsDependencies['releaseHeld'] = (publisher, postbackId) =>
    releaseHeld(
      held,
      { release: (released) => hints.release(released.map(later)) },
      publisher,
      endpointOf(publisher, postbackId),
      Date.now(),
      false,
    );
  const now = (): Date => new Date();
  const common = { tables: { settings: env.SETTINGS_TABLE, audit: env.AUDIT_TABLE }, newId, now };
  const settings: SettingsDependencies = {
    partners: createSettingStore(client, { ...common, kind: 'partner', row: settingKinds.partner, remains: 'name' }),
    offers: createSettingStore(client, {
      ...common,
      kind: 'offer',
      row: settingKinds.offer,
      remains: 'inactive',
      indexed: ({ partner_id, campaign_id }) => ({
        campaign: campaign_id === undefined ? undefined : campaignKey(partner_id, campaign_id),
      }),
    }),
    publishers: createSettingStore(client, { ...common, kind: 'publisher', row: settingKinds.publisher }),
    placements: createSettingStore(client, { ...common, kind: 'placement', row: settingKinds.placement }),
    rules: createSettingStore(client, { ...common, kind: 'rule', row: settingKinds.rule }),
    networks: createSettingStore(client, { ...common, kind: 'network', row: settingKinds.network }),
    alerts: createSettingStore(client, { ...common, kind: 'alert', row: settingKinds.alert }),
    keys: createKeysWriter(client, { tables: { keys: env.KEYS_TABLE, audit: env.AUDIT_TABLE }, newId }),
    tokens: createTokens(client, { tokens: env.TOKENS_TABLE, audit: env.AUDIT_TABLE }, newId),
    audit: createAuditLog(client, env.AUDIT_TABLE),
    findClick: createClickStore(client, env.CLICKS_TABLE).find,
    storeClick: createLimitedClicks(client, env.CLICKS_TABLE, env.CLICKS_PER_USER_AND_HOUR),
    endpoints,
    releaseHeld: release,
    async retireEndpoint(owner, postbackId) {
      await endpoints.update(endpointOf(owner, postbackId), () => retire(Date.now() + env.SETTINGS_CACHE_SECONDS * 1_000));
      await release(owner, postbackId);
    },
    send: createSender(reachPublishers({ policy: env.OUTBOUND_POLICY }), vault, Date.now),
    subscribeEmail: createMailSubscriber(createMailClient(), env.ALERTS_TOPIC_ARN),
    vault,
    allowHttp: env.OUTBOUND_POLICY === 'local',
    isListed,
    crypto: nodeCrypto,
    inflate,
    hash: hashSecret,
    newWebhookSecret: () => newWebhookSecret(randomBytes),
    randomText: (bytes) => randomBytes(bytes).toString('base64url'),
    newId,
    newClickId,
    now,
  };
  const records = createRecords(env, client, queues, vault);
  const routes = adminRoutes(settings, records);
  let document: object | undefined;
  return {
    serveApi: createAdminApi(routes, {
      publicBaseUrl: env.PUBLIC_BASE_URL,
      hiddenKeys: records.hiddenKeys,
      repetitions: {
        ...createRepetitions(client, env.STATISTICS_TABLE, {
          read: (kept) => keptAnswer.parse(kept),
          tooLarge: answerNotKept,
          now: Date.now,
        }),
        warn: logWarning,
      },
      logError,
    }),
    serveConsole: createConsole(join(import.meta.dirname, 'console')),
    serveDocuments: createDocuments(join(import.meta.dirname, 'documents')),
    openApi: () => {
      document ??= openApiDocument(routes);
      return document;
    },
  };
}
