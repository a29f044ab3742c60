import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { nodeCrypto } from '../../adapters/crypto.ts';
import { createAlerts } from '../../adapters/dynamo/alerts.ts';
import { type AuditLog, auditWrite, createAuditLog } from '../../adapters/dynamo/audit.ts';
import { type BacklogReader, createBacklogReader } from '../../adapters/dynamo/backlog-reader.ts';
import { createClickStore } from '../../adapters/dynamo/click-store.ts';
import { type ConversionReader, createConversionReader } from '../../adapters/dynamo/conversion-reader.ts';
import { createDeliveryReader, type DeliveryReader } from '../../adapters/dynamo/delivery-reader.ts';
import { createEndpointStatistics, type EndpointStatistics } from '../../adapters/dynamo/endpoint-statistics.ts';
import { createEndpoints } from '../../adapters/dynamo/endpoints.ts';
import { createJournal } from '../../adapters/dynamo/journal.ts';
import { createKeyReader } from '../../adapters/dynamo/key-store.ts';
import { createLedgerReader, createPaidCounter, type LedgerReader } from '../../adapters/dynamo/ledger-reader.ts';
import { createLogReader, type LogReader } from '../../adapters/dynamo/log-reader.ts';
import { createPublisherAccounts, type PublisherAccounts } from '../../adapters/dynamo/publisher-accounts.ts';
import { idsOfKind } from '../../adapters/dynamo/query-all.ts';
import { createResends } from '../../adapters/dynamo/resends.ts';
import { createSettingsReader } from '../../adapters/dynamo/settings-reader.ts';
import { createStatisticsReader, type StatisticsReader } from '../../adapters/dynamo/statistics-reader.ts';
import { gunzip } from '../../adapters/gunzip.ts';
import { fingerprintOf, hashSecret } from '../../adapters/hashing.ts';
import { newId } from '../../adapters/ids.ts';
import { createQueueAdmin, type QueueAdmin } from '../../adapters/sqs/queue-admin.ts';
import { createDeliveryHints, createSettleHints } from '../../adapters/sqs/queues.ts';
import { createUnderstanding } from '../../adapters/understanding.ts';
import type { Vault } from '../../adapters/vault.ts';
import type { Alerts } from '../../domain/alerting/alert.ts';
import type { DeliveryCrypto } from '../../domain/delivery/crypto.ts';
import type { Delivery } from '../../domain/delivery/delivery.ts';
import type { Endpoints, ReleaseHints } from '../../domain/forwarding/ports.ts';
import type { PostbackKey } from '../../domain/keys.ts';
import type { LogEntry } from '../../domain/log-entry.ts';
import type { HiddenKeyPorts } from '../../domain/receiving/hidden-keys.ts';
import type { Hints, Journal } from '../../domain/receiving/ports.ts';
import type { TakingPorts } from '../../domain/receiving/take-postback.ts';
import type { Partner, Publisher } from '../../domain/settings.ts';
import { partnerId, publisherId } from '../../runtime/ids.ts';
import { inflate } from '../../runtime/inflate.ts';
import { type LogEvent, logWarning } from '../../runtime/logger.ts';
import type { Changed } from '../audit/entry.ts';
import type { AdminEnvironment } from '../env.ts';

/** What the audit log records about a change: who made it, with which action, and what it changed. */
export interface Audited extends Changed {
  readonly by: string;
  readonly action: string;
}

/** What the routes for records need. */
export interface RecordDependencies {
  readonly logs: LogReader;
  readonly conversions: ConversionReader;
  readonly deliveries: DeliveryReader;
  readonly endpoints: Pick<Endpoints, 'health'>;
  readonly endpointStatistics: EndpointStatistics;
  readonly ledger: LedgerReader;
  readonly statistics: StatisticsReader;
  readonly accounts: PublisherAccounts;
  readonly backlog: BacklogReader;
  readonly queues: QueueAdmin;
  /** Finds keys in places where they do not belong. */
  readonly hiddenKeys: HiddenKeyPorts;
  /** Finds a key by its whole text; `undefined` when there is none. */
  findKey(key: string): Promise<PostbackKey | undefined>;
  findPartner(id: string): Promise<Partner | undefined>;
  /** Ids of all partners, including inactive ones, since people still ask about their postbacks. */
  partnerIds(): Promise<readonly string[]>;
  publisherIds(): Promise<readonly string[]>;
  findPublisher(id: string): Promise<Publisher | undefined>;
  /** The pipeline of received postbacks; its journal is the one for new postbacks. */
  readonly taking: TakingPorts;
  /**
   * A journal that adds an audit entry to each commit.
   *
   * @param previous the log entry that is processed again, if there is one.
   */
  journalFor(previous: LogEntry | undefined, audited: (entry: LogEntry) => Audited): Journal;
  /**
   * Schedules a delivery for now under its own id. Returns `false` when it has changed since it was read. @param audited absent: the caller
   * writes one audit entry for all of them.
   */
  resend(delivery: Delivery, audited: Audited | undefined): Promise<boolean>;
  audit(audited: Audited): Promise<void>;
  readonly hints: Hints & ReleaseHints;
  readonly alerts: Pick<Alerts, 'wanted' | 'raise'>;
  readonly crypto: DeliveryCrypto;
  /** Decrypts a sealed secret of this owner. */
  openSecret(sealed: string, owner: string): Promise<string>;
  encodeBody(body: Uint8Array): string;
  decodeBody(text: string): Uint8Array;
  now(): Date;
  warn(event: LogEvent, error: unknown): void;
}

export type RecordEnvironment = Pick<
  AdminEnvironment,
  | 'SETTINGS_TABLE'
  | 'KEYS_TABLE'
  | 'CLICKS_TABLE'
  | 'POSTBACKS_TABLE'
  | 'CONVERSIONS_TABLE'
  | 'LEDGER_TABLE'
  | 'DELIVERIES_TABLE'
  | 'ENDPOINTS_TABLE'
  | 'STATISTICS_TABLE'
  | 'AUDIT_TABLE'
  | 'CONVERSIONS_QUEUE_URL'
  | 'CONVERSIONS_DEAD_LETTER_QUEUE_URL'
  | 'DELIVERIES_QUEUE_URL'
  | 'DELIVERIES_DEAD_LETTER_QUEUE_URL'
>;

/** Whoever has just changed a setting expects it to apply at once, so nothing is served from memory. */
const cacheSeconds = 0;

export function createRecords(env: RecordEnvironment, client: DynamoDBDocumentClient, queues: SQSClient, vault: Vault): RecordDependencies {
  const settings = createSettingsReader(client, env.SETTINGS_TABLE, cacheSeconds);
  const keys = createKeyReader(client, env.KEYS_TABLE, cacheSeconds);
  const tables = {
    postbacks: env.POSTBACKS_TABLE,
    conversions: env.CONVERSIONS_TABLE,
    deliveries: env.DELIVERIES_TABLE,
    statistics: env.STATISTICS_TABLE,
  };
  const auditLog: AuditLog = createAuditLog(client, env.AUDIT_TABLE);
  const auditEntry = (audited: Audited) => ({ audit_id: newId(), at: new Date().toISOString(), ...audited });
  const auditOf = (audited: Audited) => auditWrite(env.AUDIT_TABLE, auditEntry(audited));
  const hints = { ...createSettleHints(queues, env.CONVERSIONS_QUEUE_URL), ...createDeliveryHints(queues, env.DELIVERIES_QUEUE_URL) };
  const resends = createResends(client, env.DELIVERIES_TABLE);
  return {
    logs: createLogReader(client, tables),
    conversions: createConversionReader(client, tables),
    deliveries: createDeliveryReader(client, env.DELIVERIES_TABLE),
    endpoints: createEndpoints(client, env.ENDPOINTS_TABLE, cacheSeconds),
    endpointStatistics: createEndpointStatistics(client, env.STATISTICS_TABLE),
    ledger: createLedgerReader(client, env.LEDGER_TABLE),
    statistics: createStatisticsReader(client, env.STATISTICS_TABLE, Date.now),
    accounts: createPublisherAccounts(client, env.STATISTICS_TABLE),
    backlog: createBacklogReader(client, tables),
    queues: createQueueAdmin(queues, {
      conversions: { queue: env.CONVERSIONS_QUEUE_URL, deadLetters: env.CONVERSIONS_DEAD_LETTER_QUEUE_URL },
      deliveries: { queue: env.DELIVERIES_QUEUE_URL, deadLetters: env.DELIVERIES_DEAD_LETTER_QUEUE_URL },
    }),
    hiddenKeys: { gunzip, inflate, isKey: async (text) => (await keys.find(hashSecret(text))) !== undefined },
    findKey: (key) => keys.find(hashSecret(key)),
    async findPartner(id) {
      const read = z.safeParse(partnerId, id);
      return read.success ? settings.partner(read.data) : undefined;
    },
    partnerIds: () => idsOfKind(client, env.SETTINGS_TABLE, 'partner'),
    publisherIds: () => idsOfKind(client, env.SETTINGS_TABLE, 'publisher'),
    async findPublisher(id) {
      const read = z.safeParse(publisherId, id);
      return read.success ? settings.publisher(read.data) : undefined;
    },
    taking: {
      settings,
      clicks: createClickStore(client, env.CLICKS_TABLE),
      journal: createJournal(client, tables),
      understanding: createUnderstanding(settings, vault),
      conversionsSince: createPaidCounter(client, env.LEDGER_TABLE),
      fingerprint: fingerprintOf,
      newId,
    },
    journalFor: (previous, audited) => createJournal(client, tables, { previous, also: (entry) => [auditOf(audited(entry))] }),
    resend: (delivery, audited) => resends.schedule(delivery, Date.now(), audited === undefined ? [] : [auditOf(audited)]),
    audit: (audited) => auditLog.record(auditEntry(audited)),
    hints,
    alerts: createAlerts(client, {
      tables: { settings: env.SETTINGS_TABLE, deliveries: env.DELIVERIES_TABLE },
      cacheSeconds,
      newId,
      now: Date.now,
      hint: hints.deliver,
    }),
    crypto: nodeCrypto,
    openSecret: vault.open,
    encodeBody: (body) => Buffer.from(body).toString('base64'),
    decodeBody: (text) => Buffer.from(text, 'base64'),
    now: () => new Date(),
    warn: logWarning,
  };
}
