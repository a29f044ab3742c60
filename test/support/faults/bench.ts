import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ulid } from 'ulid';
import { isListed } from '../../../functions/adapters/addresses.ts';
import { nodeCrypto } from '../../../functions/adapters/crypto.ts';
import { createBooks } from '../../../functions/adapters/dynamo/books.ts';
import { createClickStore } from '../../../functions/adapters/dynamo/click-store.ts';
import { createDueReleases, createDueWork } from '../../../functions/adapters/dynamo/due-work.ts';
import { createEndpoints } from '../../../functions/adapters/dynamo/endpoints.ts';
import { createHeldDeliveries } from '../../../functions/adapters/dynamo/held-deliveries.ts';
import { createJournal } from '../../../functions/adapters/dynamo/journal.ts';
import { createKeyReader } from '../../../functions/adapters/dynamo/key-store.ts';
import { createPaidCounter } from '../../../functions/adapters/dynamo/ledger-reader.ts';
import { createMinutes } from '../../../functions/adapters/dynamo/open-minutes.ts';
import { createOutbox } from '../../../functions/adapters/dynamo/outbox.ts';
import { createRowReader } from '../../../functions/adapters/dynamo/row-reader.ts';
import { createSettingsReader } from '../../../functions/adapters/dynamo/settings-reader.ts';
import { readToldConversion } from '../../../functions/adapters/dynamo/told-conversion.ts';
import { gunzip } from '../../../functions/adapters/gunzip.ts';
import { fingerprintOf, hashSecret } from '../../../functions/adapters/hashing.ts';
import { createPublisherClient, type PublisherClient } from '../../../functions/adapters/http/publisher-client.ts';
import { createSender } from '../../../functions/adapters/http/sender.ts';
import { createDeliveryHints, createSettleHints, createSweepHints } from '../../../functions/adapters/sqs/queues.ts';
import { createVault } from '../../../functions/adapters/vault.ts';
import { forwardDelivery } from '../../../functions/processor/forward-delivery.ts';
import { forwardRequestOf } from '../../../functions/processor/forwarding/pending.ts';
import type { ForwardDependencies } from '../../../functions/processor/forwarding/ports.ts';
import { createLimiter } from '../../../functions/processor/limiter.ts';
import { type SettleDependencies, settleConversions } from '../../../functions/processor/settle-conversions.ts';
import { createKeyFinder } from '../../../functions/receiver/find-key.ts';
import { type ReceiverDependencies, type Reply, receivePostback } from '../../../functions/receiver/receive-postback.ts';
import { inflate } from '../../../functions/runtime/inflate.ts';
import { forwardMessage, settleMessage } from '../../../functions/runtime/messages.ts';
import { sweep } from '../../../functions/sweeper/sweep.ts';
import type { LocalTable } from '../../../lib/local/deployment.ts';
import { SimulatedDynamo } from '../../simulation/dynamo/store.ts';
import { readDeployment } from '../../simulation/tables.ts';
import { partnerCall } from '../partner-call.ts';
import { PublisherServer } from '../publisher-server.ts';
import { type Campaign, type CampaignOptions, makeCampaign, makeClick, type Store } from './campaign.ts';
import { Instance } from './instance.ts';
import { type OwnMessage, OwnQueues } from './own-queues.ts';
import { createRandom, type Random } from './random.ts';
import { namesOf, type TableNames } from './tables.ts';

const conversionsQueue = 'conversions';
const deliveriesQueue = 'deliveries';

/** The bench has no metrics, because nobody would read them. */
const unmeasured = { measure: (): void => undefined };

export interface BenchOptions {
  /**
   * Milliseconds for one attempt at a publisher: some publishers of the experiments are slow on purpose, and the tests should not wait for
   * them.
   */
  readonly attemptMs?: number;
}

/** Messages of a batch, and how many batches and deliveries are processed at once. */
const [batchSize, concurrency] = [10, 4];

/**
 * The use cases of receiver, processor and sweeper with their own adapters, on the simulation's store and a real publisher, and on a clock
 * that the experiment moves. Everything that a function waits for passes its {@link Instance}, which can be killed at any of its awaits.
 */
export class Bench implements Store {
  readonly client: DynamoDBDocumentClient;
  readonly names: TableNames;
  readonly publisher: PublisherServer;
  readonly queues: OwnQueues;
  readonly vault = createVault(async () => 'the key of the bench');
  readonly warnings: string[] = [];
  readonly random: Random;
  now = Date.parse('2026-01-05T09:00:00.000Z');
  private readonly sender: PublisherClient;

  private constructor(tables: readonly LocalTable[], publisher: PublisherServer, options: BenchOptions) {
    const store = new SimulatedDynamo(tables, { now: () => this.now });
    this.client = store.client(async (_, perform) => perform());
    this.names = namesOf(tables);
    this.publisher = publisher;
    this.queues = new OwnQueues(() => this.now);
    this.random = createRandom('bench');
    this.sender = createPublisherClient({ policy: 'local', timeoutMs: options.attemptMs ?? 10_000 });
  }

  static async start(options: BenchOptions = {}): Promise<Bench> {
    return new Bench((await readDeployment()).tables(), await PublisherServer.start(), options);
  }

  async stop(): Promise<void> {
    this.sender.close();
    await this.publisher.stop();
  }

  campaign(options?: CampaignOptions): Promise<Campaign> {
    return makeCampaign(this, this.publisher.url, options);
  }

  click(campaign: Campaign, user = `user-${ulid()}`): Promise<string> {
    return makeClick(this, campaign, user, this.now);
  }

  /** Sends a partner's postback to an instance of the receiver. */
  postback(
    key: string,
    parameters: Readonly<Record<string, string>>,
    instance: Instance = new Instance(),
    clock = () => this.now,
  ): Promise<Reply | 'killed'> {
    const dependencies = this.receiver(instance, clock);
    return instance.run(() => receivePostback(dependencies, partnerCall(key, new URLSearchParams(parameters).toString())));
  }

  /** Processes a batch of the conversions queue; what failed stays in the queue. */
  async settle(messages: readonly OwnMessage[], instance: Instance = new Instance(), clock = () => this.now): Promise<void> {
    const dependencies = this.settling(instance, clock);
    const requests = messages.map((message) => {
      const { conversion_id: conversionId, revision, conversion } = settleMessage.parse(JSON.parse(message.body));
      return { conversionId, revision, known: readToldConversion(conversion), repeated: message.received > 1 };
    });
    const failed = await instance.run(() => settleConversions(dependencies, requests));
    for (const [index, message] of messages.entries()) {
      const request = requests[index];
      if (failed === 'killed' || (request !== undefined && failed.has(request))) this.queues.failed(message);
      else this.queues.delete(message);
      const error = failed === 'killed' || request === undefined ? undefined : failed.get(request);
      if (error !== undefined) this.warnings.push(String(error));
    }
  }

  /** Processes one message of the deliveries queue. */
  async forward(message: OwnMessage, instance: Instance = new Instance(), clock = () => this.now): Promise<void> {
    const request = forwardRequestOf(forwardMessage.parse(JSON.parse(message.body)), message.received > 1);
    try {
      const dependencies = this.forwarding(instance, clock);
      const done = await instance.run(() => forwardDelivery(dependencies, request));
      if (done === 'killed') this.queues.failed(message);
      else this.queues.delete(message);
    } catch (error) {
      this.warnings.push(String(error));
      this.queues.failed(message);
    }
  }

  /** Hands out visible messages until there are none. */
  async work(): Promise<void> {
    for (;;) {
      const conversions = this.queues.receive(conversionsQueue);
      const deliveries = this.queues.receive(deliveriesQueue);
      if (conversions.length + deliveries.length === 0) return;
      const jobs = [
        ...batches(conversions).map((batch) => () => this.settle(batch)),
        ...deliveries.map((message) => () => this.forward(message)),
      ];
      await inParallel(jobs, concurrency);
    }
  }

  async sweep(instance: Instance = new Instance()): Promise<void> {
    const client = instance.client(this.client);
    const queues = this.queueClient(instance);
    await instance.run(() =>
      sweep({
        minutes: createMinutes(client, this.names),
        due: createDueWork(client, this.names.deliveries),
        waiting: createDueReleases(client, this.names.conversions),
        hints: {
          ...createSweepHints(queues, { conversions: conversionsQueue, deliveries: deliveriesQueue }),
          ...createDeliveryHints(queues, deliveriesQueue),
        },
        held: createHeldDeliveries(client, this.names.deliveries),
        endpoints: createEndpoints(client, this.names.endpoints, 0),
        now: () => this.now,
        timeIsUp: () => false,
      }),
    );
  }

  /** Lets so much time pass in several parts, and runs the sweeper at the end of each. */
  async pass(ms: number, parts = 1): Promise<void> {
    for (let part = 0; part < parts; part += 1) {
      this.now += Math.ceil(ms / parts);
      await this.sweep();
      await this.work();
    }
  }

  receiver(instance: Instance, clock: () => number): ReceiverDependencies {
    const client = instance.client(this.client);
    const queues = this.queueClient(instance);
    const { names, vault } = this;
    const readRow = createRowReader(client);
    const keys = createKeyReader(client, names.keys, 0);
    return {
      settings: createSettingsReader(client, names.settings, 0),
      clicks: createClickStore(client, names.clicks, readRow),
      keys,
      hiddenKeys: { gunzip, inflate, isKey: async (text) => (await keys.find(hashSecret(text))) !== undefined },
      findKey: createKeyFinder({ keys, hashKey: hashSecret, tries: { take: () => true, giveBack: () => undefined }, networkOf: String }),
      journal: createJournal(client, names, {}, readRow),
      hints: { ...createSettleHints(queues, conversionsQueue), ...createDeliveryHints(queues, deliveriesQueue) },
      understanding: {
        crypto: nodeCrypto,
        networks: createSettingsReader(client, names.settings, 0),
        inflate,
        isListed,
        openSecret: (sealed, partner) => vault.open(sealed, partner.partner_id),
      },
      conversionsSince: createPaidCounter(client, names.ledger),
      fingerprint: fingerprintOf,
      encodeBody: (body) => Buffer.from(body).toString('base64'),
      withinKeyRate: () => true,
      sharedRate: { within: () => true, share: async () => undefined },
      alerts: { wanted: async () => false, raise: async () => {} },
      now: clock,
      newId: () => ulid(clock()),
      ...unmeasured,
      warn: (event, error) => this.warn(event, error),
    };
  }

  settling(instance: Instance, clock: () => number): SettleDependencies {
    const client = instance.client(this.client);
    const { names } = this;
    return {
      settings: createSettingsReader(client, names.settings, 0),
      books: createBooks(client, names, Math.random),
      hints: createDeliveryHints(this.queueClient(instance), deliveriesQueue),
      now: () => new Date(clock()),
      newDeliveryId: () => ulid(clock()),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      random: Math.random,
      ...unmeasured,
      warn: (event, error) => this.warn(event, error),
    };
  }

  forwarding(instance: Instance, clock: () => number): ForwardDependencies {
    const client = instance.client(this.client);
    const { names } = this;
    const send = createSender(this.sender, this.vault, clock);
    const stored = {
      settings: createSettingsReader(client, names.settings, 0),
      alerts: { find: async () => undefined, raise: async () => {} },
    };
    return {
      ...stored,
      stored,
      oldestSettings: 0,
      outbox: createOutbox(client, names),
      endpoints: createEndpoints(client, names.endpoints, 0),
      hints: createDeliveryHints(this.queueClient(instance), deliveriesQueue),
      limiter: createLimiter(500, Date.now),
      send: (...attempt) => instance.wait('publisher', () => send(...attempt)),
      sendEmail: async () => ({ code: 'network', duration_ms: 0, answer: '', was_slow: false }),
      crypto: nodeCrypto,
      openSecret: this.vault.open,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      now: clock,
      random: Math.random,
      ...unmeasured,
      warn: (event, error) => this.warn(event, error),
    };
  }

  queueClient(instance: Instance): SQSClient {
    return instance.client(this.queues as unknown as SQSClient);
  }

  private warn(event: string, error: unknown): void {
    this.warnings.push(`${event}: ${String(error)}`);
  }
}

function batches<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / batchSize) }, (_, index) => items.slice(index * batchSize, (index + 1) * batchSize));
}

/** Runs the jobs, a limited number of them at once. */
export async function inParallel(jobs: readonly (() => Promise<unknown>)[], width: number): Promise<void> {
  const waiting = [...jobs];
  const lane = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await job();
  };
  await Promise.all(Array.from({ length: width }, lane));
}
