import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createClickStore } from '../../functions/adapters/dynamo/click-store.ts';
import { newClickId } from '../../functions/adapters/ids.ts';
import { stageConfig } from '../../lib/stage-config.ts';
import { type Campaign, LocalStack } from '../support/local-stack.ts';
import { CapacityProxy } from './capacity-proxy.ts';
import { type Consumption, readUnits, writeUnits } from './consumption.ts';

/** The consumption on each leg of the way, for a number of postbacks. */
export interface Legs {
  readonly postbacks: number;
  readonly receive: Consumption;
  readonly settle: Consumption;
  readonly forward: Consumption;
}

/** Messages of one invocation, as the event source mappings define them. */
const batchSize = 10;

/**
 * The whole system with its own bundles and with settings cached as in production. The benchmark itself reads the queues, leg after leg and
 * in batches of exactly ten, so that every run measures the same.
 */
export class MeasuredSystem {
  readonly stack: LocalStack;
  private readonly proxy: CapacityProxy;
  private readonly queues: SQSClient;

  private constructor(stack: LocalStack, proxy: CapacityProxy) {
    this.stack = stack;
    this.proxy = proxy;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    this.queues = new SQSClient({
      region: stack.system.region,
      endpoint: stack.system.endpoints.sqs,
      credentials,
      useQueueUrlAsEndpoint: false,
    });
  }

  static async start(): Promise<MeasuredSystem> {
    const proxy = new CapacityProxy();
    const { settingsCacheSeconds } = stageConfig('production');
    const environment = { SETTINGS_CACHE_SECONDS: String(settingsCacheSeconds), RATE_PER_KEY: '100000' };
    return new MeasuredSystem(await LocalStack.startOwn({ intercept: proxy.intercept, poll: false, environment }), proxy);
  }

  async stop(): Promise<void> {
    await this.stack.stop();
    await this.proxy.stop();
    this.queues.destroy();
  }

  /** Stores clicks of as many different users, as the tracker does. */
  async clicks(campaign: Campaign, count: number): Promise<string[]> {
    const { system } = this.stack;
    const table = system.tables.get('Clicks');
    if (table === undefined) throw new Error('there is no table of clicks');
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ region: system.region, endpoint: system.endpoints.dynamodb, credentials }),
      {
        marshallOptions: { removeUndefinedValues: true },
        unmarshallOptions: { wrapNumbers: true },
      },
    );
    const store = createClickStore(client, table.name);
    const first = await store.find(campaign.clickId);
    if (first === undefined) throw new Error('the campaign has no click');
    const clicks = Array.from({ length: count }, (_, index) => ({ ...first, click_id: newClickId(), user_id: `user-${index}` }));
    for (const click of clicks) await store.put(click);
    client.destroy();
    return clicks.map(({ click_id }) => click_id);
  }

  /** Lets so many users follow a tracking link once each. @returns write units per click. */
  async follow({ offerId, placementId }: Campaign, users: number): Promise<number> {
    this.proxy.take();
    for (let user = 0; user < users; user += 1) {
      const path = `/track/${offerId}?placement_id=${placementId}&user_id=follower-${user}`;
      const { status } = await fetch(`${this.stack.system.url}${path}`, { redirect: 'manual' });
      if (status !== 302) throw new Error(`a click was answered ${status}`);
    }
    return writeUnits(this.proxy.take()) / users;
  }

  /** Sends approved postbacks for these clicks all the way to the publisher, and measures each leg. */
  async run(campaign: Campaign, clicks: readonly string[], size = batchSize): Promise<Legs> {
    const before = this.stack.publisher.requests.length;
    this.proxy.take();
    for (const click of clicks) {
      const { status, body } = await this.stack.postback(campaign.key, { click_id: click, payout: '5.00', transaction_id: `t-${click}` });
      if (status !== 200 || body.result !== 'accepted') throw new Error(`a postback was answered ${status}: ${JSON.stringify(body)}`);
    }
    const receive = this.proxy.take();
    const settling = await this.drain('ConversionsQueue', clicks.length, size);
    const settle = withRequests(this.proxy.take(), settling);
    const delivered = () => this.stack.publisher.requests.length - before;
    // A lone delivery is attempted by the settlement itself.
    const forwarding = await this.drain('DeliveriesQueue', clicks.length - delivered(), size);
    const forward = withRequests(this.proxy.take(), forwarding);
    if (delivered() !== clicks.length) throw new Error(`${delivered()} of ${clicks.length} postbacks were delivered`);
    return { postbacks: clicks.length, receive, settle, forward };
  }

  /**
   * Reconciles every minute since then, and one in which no postback came in.
   *
   * @returns read units of all minutes together, and of the empty one.
   */
  async reconcile(since: number): Promise<{ readonly minutes: number; readonly readUnits: number; readonly quietMinute: number }> {
    const minuteMs = 60_000;
    // The sweeper reconciles the minute that is so much older than the one in which it is called.
    const lagMs = 16 * minuteMs;
    const unitsOf = async (minute: number): Promise<number> => {
      this.proxy.take();
      await this.stack.system.invoke('sweeper', { time: new Date(minute + lagMs).toISOString() });
      return readUnits(this.proxy.take());
    };
    const first = Math.floor(since / minuteMs);
    const minutes = Math.floor(Date.now() / minuteMs) - first + 1;
    const quietMinute = await unitsOf((first - 60) * minuteMs);
    let units = 0;
    for (let minute = 0; minute < minutes; minute += 1) units += await unitsOf((first + minute) * minuteMs);
    return { minutes, readUnits: units, quietMinute };
  }

  /** Gives a queue's messages to the processor, batch after batch, like an event source mapping. @returns its requests to SQS. */
  private async drain(name: string, expected: number, size: number): Promise<Record<string, number>> {
    const queue = this.stack.system.queues.get(name);
    if (queue === undefined) throw new Error(`no queue ${name}`);
    const messages: Message[] = [];
    while (messages.length < expected) {
      const command = new ReceiveMessageCommand({
        QueueUrl: queue.url,
        MaxNumberOfMessages: batchSize,
        VisibilityTimeout: 120,
        WaitTimeSeconds: 2,
        MessageSystemAttributeNames: ['All'],
      });
      const { Messages = [] } = await this.queues.send(command);
      if (Messages.length === 0) throw new Error(`${messages.length} of ${expected} messages came to ${name}`);
      messages.push(...Messages);
    }
    const batches = Array.from({ length: Math.ceil(messages.length / size) }, (_, index) =>
      messages.slice(index * size, (index + 1) * size),
    );
    for (const batch of batches) {
      const records = batch.map((message) => ({
        messageId: message.MessageId,
        receiptHandle: message.ReceiptHandle,
        body: message.Body,
        attributes: message.Attributes,
        messageAttributes: {},
        eventSource: 'aws:sqs',
        eventSourceARN: queue.arn,
      }));
      const result = JSON.stringify(await this.stack.system.invoke('processor', { Records: records }));
      if (result !== '{"batchItemFailures":[]}') throw new Error(`the processor answered ${result}`);
      const Entries = batch.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await this.queues.send(new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries }));
    }
    return { ReceiveMessage: batches.length, DeleteMessageBatch: batches.length };
  }
}

/** Lambda reads and deletes messages for the function, and these requests cost money too. */
function withRequests(consumption: Consumption, requests: Readonly<Record<string, number>>): Consumption {
  return { ...consumption, sqs: { ...consumption.sqs, ...requests } };
}
