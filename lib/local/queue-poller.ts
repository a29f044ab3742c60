import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { LocalMapping } from './deployment.ts';
import type { Invocable } from './invocation.ts';

/**
 * How long a received message stays hidden, in seconds, unless its invocation is still running, which prolongs it. It is shorter than the
 * template's six minutes, so that messages of a killed process come back while one watches.
 */
const visibilitySeconds = 10;
const waitSeconds = 20;
/**
 * While messages keep coming, the poller waits so many milliseconds between two looks for each message that the last one found: so many come
 * in batches, each of which is one invocation, and few hardly wait.
 */
const gatherMsPerMessage = 10;
const mostGatherMs = 40;
/**
 * The settlement sends the deliveries of its batch together, so they need no gathering; and if the poller waited after each one, those that
 * are postponed, because a publisher hangs, would make the deliveries to others wait.
 */
const comesTogether = /deliveries/i;
/** Between two full batches callers get in, and the answer to a postback does not wait for two of them. */
const breathMs = 15;
/**
 * In AWS, whoever waits for an answer and what is in the queues are served by different machines. Here they share one, so a queue waits while
 * a partner or a user does, but never for longer than this between two batches.
 */
const mostPatienceMs = 500;
const failuresSchema = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

/** An event source mapping: receives batches from a queue, invokes the function and deletes the messages that it processed. */
export class QueuePoller {
  private readonly client: SQSClient;
  private readonly mapping: LocalMapping;
  private readonly target: Invocable;
  private readonly region: string;
  private readonly callersWaiting: () => number;
  private readonly stopping = new AbortController();
  private readonly active = new Set<Promise<void>>();
  private loop: Promise<void> = Promise.resolve();

  /** @param callersWaiting how many partners and users wait for an answer. */
  constructor(client: SQSClient, mapping: LocalMapping, target: Invocable, region: string, callersWaiting: () => number) {
    this.callersWaiting = callersWaiting;
    this.client = client;
    this.mapping = mapping;
    this.target = target;
    this.region = region;
  }

  start(): void {
    this.loop = this.run();
  }

  /** Receives nothing more and gives running batches a moment to finish. Messages of a batch that does not finish come again. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await Promise.race([Promise.allSettled(this.active), sleep(1500, undefined, { ref: false })]);
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      if (this.active.size >= this.mapping.maximumConcurrency) {
        await Promise.race(this.active);
        continue;
      }
      await this.letCallersGoFirst();
      const messages = await this.receive();
      if (messages.length === 0) continue;
      const batch = this.process(messages).finally(() => this.active.delete(batch));
      this.active.add(batch);
      await sleep(this.pauseAfter(messages.length), undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private pauseAfter(found: number): number {
    if (found >= this.mapping.batchSize) return breathMs;
    return comesTogether.test(this.mapping.queue.name) ? 0 : Math.min(gatherMsPerMessage * found, mostGatherMs);
  }

  private async letCallersGoFirst(): Promise<void> {
    const until = performance.now() + mostPatienceMs;
    while (this.callersWaiting() > 0 && performance.now() < until && !this.stopping.signal.aborted) await sleep(5);
  }

  private async receive(): Promise<Message[]> {
    try {
      const command = new ReceiveMessageCommand({
        QueueUrl: this.mapping.queue.url,
        MaxNumberOfMessages: Math.min(10, this.mapping.batchSize),
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: visibilitySeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      const { Messages = [] } = await this.client.send(command, { abortSignal: this.stopping.signal });
      return Messages;
    } catch {
      // The emulator may be stopping with us, or a test makes it fail. Lambda keeps polling too.
      if (!this.stopping.signal.aborted) await sleep(200);
      return [];
    }
  }

  private async process(messages: readonly Message[]): Promise<void> {
    const prolong = setInterval(() => void this.prolong(messages), (visibilitySeconds * 1000) / 3);
    try {
      const result = await this.target.invoke({ Records: messages.map((message) => this.record(message)) });
      const failed = this.mapping.partialFailures ? failedIds(result) : new Set<string>();
      await this.delete(messages.filter(({ MessageId }) => !failed.has(MessageId ?? '')));
    } catch {
      // The whole batch stays in the queue and comes again when its visibility timeout is over.
    } finally {
      clearInterval(prolong);
    }
  }

  private async delete(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await this.client.send(new DeleteMessageBatchCommand({ QueueUrl: this.mapping.queue.url, Entries }));
  }

  private async prolong(messages: readonly Message[]): Promise<void> {
    const Entries = messages.map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
      VisibilityTimeout: visibilitySeconds,
    }));
    await this.client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.mapping.queue.url, Entries })).catch(() => undefined);
  }

  private record(message: Message): object {
    return {
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes ?? {},
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue, DataType }]) => [
          name,
          { stringValue: StringValue, stringListValues: [], binaryListValues: [], dataType: DataType },
        ]),
      ),
      md5OfBody: message.MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: this.mapping.queue.arn,
      awsRegion: this.region,
    };
  }
}

/** @throws ZodError when Lambda would not accept the answer: then the whole batch counts as failed. An empty answer is a success. */
function failedIds(result: unknown): Set<string> {
  if (result === null || result === undefined) return new Set();
  const parsed = failuresSchema.partial().parse(result);
  return new Set((parsed.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
}
