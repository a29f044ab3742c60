import { DeleteMessageCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2, SQSEvent, SQSRecord } from 'aws-lambda';
import type { PublisherClient, PublisherRequest } from '../../functions/adapters/http/publisher-client.ts';
import { createVault } from '../../functions/adapters/vault.ts';
import { type Admin, createAdmin } from '../../functions/admin/dependencies.ts';
import { type AttemptResult, answerCode } from '../../functions/domain/delivery/outcome.ts';
import { createProcessor } from '../../functions/processor/dependencies.ts';
import { createBatchServer } from '../../functions/processor/serve-batch.ts';
import { createReceiver } from '../../functions/receiver/dependencies.ts';
import { type Reply, receivePostback } from '../../functions/receiver/receive-postback.ts';
import { createSweeper } from '../../functions/sweeper/dependencies.ts';
import { sweep } from '../../functions/sweeper/sweep.ts';
import type { Deployment } from '../../lib/local/deployment.ts';
import { Instance } from '../support/faults/instance.ts';
import { createRandom, type Random } from '../support/faults/random.ts';
import { namesOf, type TableNames } from '../support/faults/tables.ts';
import { partnerCall } from '../support/partner-call.ts';
import { type Change, SimulatedDynamo } from './dynamo/store.ts';
import { Faults } from './faults.ts';
import { SimulatedQueues } from './sqs/queues.ts';
import type { VirtualTime } from './virtual-time.ts';
import { clicksPerHour, type Outage } from './workload.ts';

type Role = 'receiver' | 'processor' | 'sweeper' | 'admin';

/** One instance of a function, with everything that it has in memory and with a clock of its own. */
interface Slot<Use> {
  readonly role: Role;
  instance: Instance;
  readonly use: Use;
  readonly skewMs: number;
}

/** `nothing`: the function died, and the caller gets the gateway's error. */
export type AdminAnswer = { readonly status: number; readonly body: unknown } | 'nothing';

/** How a publisher answers at some time. */
export type PublisherMood = 'takes' | 'fails' | 'hangs' | 'gone' | 'takes without a word';

export interface Told {
  readonly publisher: string;
  readonly url: URL;
  readonly deliveryId: string;
}

export interface WorldOptions {
  readonly seed: number;
  readonly deployment: Deployment;
  readonly time: VirtualTime;
  /** Whether transactions that conflict are the only faults. */
  readonly onlyConflicts: boolean;
  /** The largest deviation of functions' clocks in either direction, in milliseconds. */
  readonly mostSkewMs: number;
  readonly mood: (publisher: string, at: number) => PublisherMood;
  readonly onCommit: (changes: readonly Change[]) => void;
  readonly onMessage: (url: string, body: string) => void;
  readonly onTold: (told: Told) => void;
  /** Called with a command that the simulated store or queues do not know. */
  readonly onLack: (error: Error) => void;
  readonly trace: (line: string) => void;
}

/** How often something was asked for, and how often it was done. */
export interface Work {
  readonly asked: number;
  readonly done: number;
}

interface Source {
  readonly url: string;
  readonly arn: string;
  readonly most: number;
  running: number;
  wakesAt: number | undefined;
}

const mostBatchesAtOnce = 4;
const secret = 'the secret of the simulation';
const attemptMs = 10_000;
const slowMs = 3_000;

/**
 * The whole system in one process: the functions' own composition roots on a store and queues in memory, with event sources, a sweeper that
 * runs every minute, and publishers with moods. Each function runs in instances that can die at any call to the outside.
 */
export class World {
  readonly store: SimulatedDynamo;
  readonly queues: SimulatedQueues;
  readonly names: TableNames;
  readonly faults: Faults;
  /** What people asked for, and how often it was done. */
  readonly work = new Map<string, Work>();
  readonly vault = createVault(async () => secret);
  /** A client without faults. */
  readonly client: DynamoDBDocumentClient;
  /** An operator's client: nothing goes wrong with it, but its calls take as much time as others. */
  readonly operator: DynamoDBDocumentClient;
  private readonly options: WorldOptions;
  private readonly random: Random;
  private readonly idle = new Map<Role, Slot<never>[]>();
  private readonly alive = new Set<Slot<unknown>>();
  private readonly sources: readonly Source[];
  private readonly environments: ReadonlyMap<string, { readonly environment: Readonly<Record<string, string>>; readonly seconds: number }>;

  constructor(options: WorldOptions) {
    const { seed, deployment, time } = options;
    this.options = options;
    this.random = createRandom('world', seed);
    const lags = createRandom('lags', seed);
    const tables = deployment.tables();
    const now = (): number => time.now;
    this.store = new SimulatedDynamo(tables, {
      now,
      onCommit: options.onCommit,
      lags: {
        longestRead: 2_000,
        read: () => (lags.next() < 0.1 ? lags.whole(0, 2_000) : lags.whole(0, 20)),
        index: () => (lags.next() < 0.05 ? lags.whole(0, 5_000) : lags.whole(0, 100)),
      },
    });
    const unreliable = createRandom('queues', seed);
    this.queues = new SimulatedQueues(deployment.queues(), {
      now,
      unreliability: { pick: (visible) => unreliable.whole(0, Math.min(visible - 1, 5)), repeats: () => unreliable.next() < 0.02 },
      onSend: (url, body) => {
        options.onMessage(url, body);
        this.wake(url, time.now + 5);
      },
    });
    this.names = namesOf(tables);
    this.faults = new Faults(time, createRandom('faults', seed), { rate: 0, onlyConflicts: options.onlyConflicts }, options.trace);
    this.client = this.store.client(async (_, perform) => perform());
    const pace = createRandom('operator', seed);
    this.operator = this.store.client(async (_, perform) => {
      await time.sleep(pace.whole(1, 8));
      return perform();
    });
    this.environments = new Map(
      deployment.functions().map(({ name, environment, timeoutSeconds }) => [name, { environment, seconds: timeoutSeconds }]),
    );
    this.sources = deployment.mappings().map(({ queue, batchSize }) => ({
      url: queue.url,
      arn: queue.arn,
      most: batchSize,
      running: 0,
      wakesAt: undefined,
    }));
  }

  /**
   * Sends a partner's request to some instance of the receiver; returns `nothing` when the instance died, so that the partner gets the
   * gateway's error.
   */
  async receive(key: string, rawQuery: string): Promise<Reply | 'nothing'> {
    const slot = this.take('receiver', (services) => createReceiver(this.environment('receiver'), services));
    const reply = await this.invoke(slot, () => receivePostback(slot.use, partnerCall(key, rawQuery)));
    return reply === 'killed' ? 'nothing' : reply;
  }

  async admin(method: string, path: string, body: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<AdminAnswer> {
    const slot = this.take('admin', (services): Admin => createAdmin(this.environment('admin'), services));
    const event = {
      rawPath: `/api/admin${path}`,
      rawQueryString: '',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      isBase64Encoded: false,
      requestContext: { http: { method, sourceIp: '203.0.113.1' }, authorizer: { lambda: { role: 'admin', name: 'ann' } } },
    } as unknown as APIGatewayProxyEventV2;
    const answer = await this.invoke(slot, () => slot.use.serveApi(event));
    const status = answer === 'killed' ? 0 : (answer.statusCode ?? 0);
    this.noteWork(`${method} ${path.replaceAll(/[^/]*[^a-z/-][^/]*/g, '…')}`, status >= 200 && status < 300);
    return answer === 'killed' ? 'nothing' : { status, body: JSON.parse(String(answer.body || 'null')) };
  }

  /** Counts what people ask for. What is never done is not tested, however often it is asked for. */
  noteWork(what: string, done: boolean): void {
    const known = this.work.get(what) ?? { asked: 0, done: 0 };
    this.work.set(what, { asked: known.asked + 1, done: known.done + Number(done) });
  }

  async sweep(): Promise<void> {
    const slot = this.take('sweeper', (services) => createSweeper(this.environment('sweeper'), services));
    const began = this.options.time.now;
    // If a run fails, the next run does its work.
    await this.invoke(slot, () => sweep({ ...slot.use, timeIsUp: () => this.options.time.now > began + 40_000 })).catch(() => undefined);
  }

  /** Kills every instance at once; what is stored and queued stays. */
  crash(): void {
    this.faults.note('everything dies', 'anywhere');
    for (const slot of this.alive) slot.instance.kill();
    this.idle.clear();
    this.alive.clear();
  }

  outage(of: Outage, ms: number): void {
    if (of === 'queue') this.faults.refuse({ calls: 'receiver: SendMessage', ms, rate: 1 });
    // One call in five fails after all its tries.
    else this.faults.refuse({ calls: `sweeper: Query ${this.names.postbacks}`, ms, rate: 0.6 });
  }

  private environment(name: string): Record<string, string> {
    return { ...this.environments.get(name)?.environment, CLICKS_PER_USER_AND_HOUR: String(clicksPerHour) };
  }

  private take<Use>(role: Role, make: (services: Services) => Use): Slot<Use> {
    const idle = (this.idle.get(role) ?? []) as unknown as Slot<Use>[];
    const found = idle.pop();
    if (found !== undefined) return found;
    const { mostSkewMs } = this.options;
    const slot: { value?: Slot<Use> } = {};
    const use = make(this.services(role, () => slot.value));
    slot.value = { role, use, instance: this.instance(), skewMs: mostSkewMs === 0 ? 0 : this.random.whole(-mostSkewMs, mostSkewMs) };
    this.alive.add(slot.value);
    return slot.value;
  }

  private instance(): Instance {
    return new Instance();
  }

  /**
   * Does a command. An error that AWS does not have means that the simulation lacks something, and nothing may go on as if AWS had failed.
   */
  private performed(perform: () => unknown): unknown {
    try {
      return perform();
    } catch (error) {
      if (error instanceof Error && error.name === 'Error') this.options.onLack(error);
      throw error;
    }
  }

  private services(role: Role, slot: () => Slot<unknown> | undefined): Services {
    const instance = (): Instance => {
      const found = slot()?.instance;
      if (found === undefined) throw new Error('called while it was being made');
      return found;
    };
    const pass = (command: object, perform: () => unknown): Promise<unknown> =>
      this.faults.aws(
        instance,
        () => `${role}: ${labelOf(command)}`,
        () => this.performed(perform),
      );
    return {
      client: this.store.client(pass),
      queues: this.queues.client(pass),
      readSecret: async () => secret,
      reachPublishers: () => ({
        send: (request) => this.faults.publisher(instance, `${role}: publisher`, () => this.tell(request)),
        close: () => undefined,
      }),
    };
  }

  /** Runs one invocation, which ends at the latest when its time is over. */
  private async invoke<Use, T>(slot: Slot<Use>, work: () => Promise<T>): Promise<T | 'killed'> {
    const { time } = this.options;
    const { instance } = slot;
    const timeout = time.at(time.now + (this.environments.get(slot.role)?.seconds ?? 10) * 1_000, () => {
      this.faults.note('timed out', slot.role);
      instance.kill();
    });
    try {
      return await time.withClock(slot.skewMs, () => instance.run(work));
    } finally {
      timeout.cancelled = true;
      if (instance.wasKilled) this.alive.delete(slot);
      else {
        const idle = this.idle.get(slot.role) ?? [];
        idle.push(slot as unknown as Slot<never>);
        this.idle.set(slot.role, idle);
      }
    }
  }

  private wake(url: string, at: number): void {
    const source = this.sources.find((one) => one.url === url);
    if (source === undefined || (source.wakesAt !== undefined && source.wakesAt <= at)) return;
    source.wakesAt = at;
    this.options.time.at(at, () => {
      if (source.wakesAt !== at) return;
      source.wakesAt = undefined;
      this.poll(source);
    });
  }

  private poll(source: Source): void {
    const { time } = this.options;
    while (source.running < mostBatchesAtOnce) {
      const command = new ReceiveMessageCommand({ QueueUrl: source.url, MaxNumberOfMessages: source.most });
      const { Messages = [] } = this.queues.perform(command) as { Messages?: Message[] };
      if (Messages.length === 0) break;
      source.running += 1;
      void this.serve(source, Messages).then(() => {
        source.running -= 1;
        this.wake(source.url, time.now + 1);
      });
    }
    const next = this.queues.nextVisible(source.url);
    if (next !== undefined && source.running < mostBatchesAtOnce) this.wake(source.url, Math.max(next, time.now + 50));
  }

  private async serve(source: Source, messages: readonly Message[]): Promise<void> {
    const slot = this.take('processor', (services) => createBatchServer(createProcessor(this.environment('processor'), services)));
    const Records = messages.map(
      ({ MessageId, Body, Attributes }) =>
        ({ messageId: MessageId, body: Body, attributes: Attributes, eventSourceARN: source.arn }) as unknown as SQSRecord,
    );
    const event: SQSEvent = { Records };
    const answer = await this.invoke(slot, () => slot.use(event)).catch(() => 'killed' as const);
    if (answer === 'killed') return;
    const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const { MessageId = '', ReceiptHandle } of messages) {
      // If the deletion of a message is lost, the message comes again.
      if (failed.has(MessageId) || (!this.options.onlyConflicts && this.random.next() < this.faults.rate / 10)) continue;
      this.queues.perform(new DeleteMessageCommand({ QueueUrl: source.url, ReceiptHandle }));
    }
  }

  /** How a publisher answers a request. */
  private async tell({ url, headers, onSlow }: PublisherRequest): Promise<AttemptResult> {
    const { time, mood, onTold } = this.options;
    const parsed = new URL(url);
    const publisher = parsed.hostname.split('.')[0] ?? '';
    const began = time.now;
    const result = (code: AttemptResult['code'], http_status?: number): AttemptResult => ({
      code,
      ...(http_status !== undefined && { http_status }),
      duration_ms: time.now - began,
      answer: '',
      was_slow: time.now - began >= slowMs,
    });
    await time.sleep(this.random.whole(20, 300));
    const now = mood(publisher, time.now);
    if (now === 'takes' || now === 'takes without a word') onTold({ publisher, url: parsed, deliveryId: headers['webhook-id'] ?? '' });
    switch (now) {
      case 'takes':
        return result(answerCode(200), 200);
      case 'fails':
        return result(answerCode(500), 500);
      case 'gone':
        return result(answerCode(410), 410);
      case 'hangs':
      case 'takes without a word':
        await time.sleep(slowMs);
        onSlow?.();
        await time.sleep(attemptMs - slowMs);
        return result('timeout');
      default:
        return now satisfies never;
    }
  }
}

interface Services {
  readonly client: DynamoDBDocumentClient;
  readonly queues: SQSClient;
  readonly readSecret: () => Promise<string>;
  readonly reachPublishers: () => PublisherClient;
}

interface Named {
  readonly TableName?: string;
  readonly QueueUrl?: string;
  readonly IndexName?: string;
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName: string }>>[];
  readonly RequestItems?: object;
}

/** The name of a call, such as `TransactWrite Postbacks+Conversions`: the command and its tables or queue. */
function labelOf(command: object): string {
  const { TableName, QueueUrl, IndexName, TransactItems, RequestItems } = (command as { input: Named }).input;
  const operation = command.constructor.name.slice(0, -'Command'.length);
  if (TransactItems !== undefined) {
    const tables = new Set(TransactItems.flatMap((item) => Object.values(item).map((write) => write.TableName)));
    return `${operation} ${[...tables].join('+')}`;
  }
  const named = TableName ?? QueueUrl?.slice(QueueUrl.lastIndexOf('/') + 1) ?? Object.keys(RequestItems ?? {}).join('+');
  return IndexName === undefined ? `${operation} ${named}` : `${operation} ${named} ${IndexName}`;
}
