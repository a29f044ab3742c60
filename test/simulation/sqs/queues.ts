import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { LocalQueue } from '../../../lib/local/deployment.ts';

const mostBytes = 1_048_576;
const longestDelay = 900;
const longestGroup = 128;
const mostPerBatch = 10;

interface Kept {
  readonly id: string;
  readonly body: string;
  readonly group: string | undefined;
  readonly sentAt: number;
  /** Milliseconds of the queues' clock from which the message can be received. */
  visibleAt: number;
  received: number;
  /** The receipt of the last time that it was handed out. */
  receipt: string | undefined;
}

interface Queue {
  readonly queue: LocalQueue;
  messages: Kept[];
}

/** What SQS does not promise: an order, and that it hands out each message only once. */
export interface Unreliability {
  /** Chooses which of so many visible messages is handed out next. */
  readonly pick: (visible: number) => number;
  /** Decides whether a message that is handed out stays visible. */
  readonly repeats: () => boolean;
}

const reliable: Unreliability = { pick: () => 0, repeats: () => false };

export interface QueuesOptions {
  readonly now: () => number;
  readonly unreliability?: Unreliability;
  /** Called with each message that was accepted. */
  readonly onSend?: (url: string, body: string) => void;
}

/** The error with which SQS refuses a request. */
class Refusal extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/**
 * SQS in memory, at the level of the SDK's client, with the queues of the template: delays, visibility, redrive to the dead letters and
 * back, and on request the behaviour that SQS does not rule out. A differential test compares it with the emulator.
 */
export class SimulatedQueues {
  private readonly queues: ReadonlyMap<string, Queue>;
  private readonly options: QueuesOptions;
  private readonly unreliability: Unreliability;
  private sent = 0;

  constructor(queues: readonly LocalQueue[], options: QueuesOptions) {
    this.options = options;
    this.unreliability = options.unreliability ?? reliable;
    this.queues = new Map(queues.map((queue) => [queue.url, { queue, messages: [] }]));
  }

  /** A replacement for the real client. @param pass called with each command; decides when and how often the command is done. */
  client(pass: (command: object, perform: () => unknown) => Promise<unknown>): SQSClient {
    return { send: (command: object) => pass(command, () => this.perform(command)), destroy: () => undefined } as unknown as SQSClient;
  }

  perform(command: object): object {
    if (command instanceof SendMessageCommand) return this.send(command);
    if (command instanceof SendMessageBatchCommand) return this.sendBatch(command);
    if (command instanceof ReceiveMessageCommand) return this.receive(command);
    if (command instanceof DeleteMessageCommand) return this.delete(command);
    if (command instanceof ChangeMessageVisibilityCommand) return this.changeVisibility(command);
    if (command instanceof GetQueueAttributesCommand) return this.attributes(command);
    if (command instanceof StartMessageMoveTaskCommand) return this.moveBack(command);
    throw new Error(`not a command of ours: ${command.constructor.name}`);
  }

  /** The time in milliseconds at which the next message of a queue can be received; `undefined` when the queue is empty. */
  nextVisible(url: string): number | undefined {
    return this.queue(url).messages.reduce<number | undefined>(
      (least, { visibleAt }) => (least === undefined || visibleAt < least ? visibleAt : least),
      undefined,
    );
  }

  /** The number of messages in a queue, visible or not. */
  depth(url: string): number {
    return this.queue(url).messages.length;
  }

  private send({ input }: SendMessageCommand): object {
    const fault = faultOf(input);
    if (fault !== undefined) throw fault;
    return { MessageId: this.take(input.QueueUrl, input) };
  }

  private sendBatch({ input }: SendMessageBatchCommand): object {
    const entries = input.Entries ?? [];
    if (entries.length === 0) throw new Refusal('EmptyBatchRequest', 'There should be at least one entry in the request.');
    if (entries.length > mostPerBatch) throw new Refusal('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.');
    if (new Set(entries.map(({ Id }) => Id)).size < entries.length)
      throw new Refusal('BatchEntryIdsNotDistinct', 'Two or more entries have the same Id.');
    if (entries.reduce((sum, { MessageBody = '' }) => sum + Buffer.byteLength(MessageBody), 0) > mostBytes)
      throw new Refusal('BatchRequestTooLong', 'Batch requests cannot be longer than 1048576 bytes.');
    const faults = entries.map((entry) => ({ entry, fault: faultOf(entry) }));
    return {
      Successful: faults.flatMap(({ entry, fault }) =>
        fault === undefined ? [{ Id: entry.Id, MessageId: this.take(input.QueueUrl, entry) }] : [],
      ),
      Failed: faults.flatMap(({ entry, fault }) =>
        fault === undefined ? [] : [{ Id: entry.Id, Code: fault.name, SenderFault: true, Message: fault.message }],
      ),
    };
  }

  private take(
    url = '',
    {
      MessageBody = '',
      DelaySeconds,
      MessageGroupId,
    }: { MessageBody?: string | undefined; DelaySeconds?: number | undefined; MessageGroupId?: string | undefined },
  ): string {
    const { queue, messages } = this.queue(url);
    const now = this.options.now();
    this.sent += 1;
    const id = `message-${this.sent}`;
    const delay = DelaySeconds ?? queue.properties.DelaySeconds ?? 0;
    messages.push({
      id,
      body: MessageBody,
      group: MessageGroupId,
      sentAt: now,
      visibleAt: now + delay * 1_000,
      received: 0,
      receipt: undefined,
    });
    this.options.onSend?.(url, MessageBody);
    return id;
  }

  private receive({ input }: ReceiveMessageCommand): object {
    const from = this.queue(input.QueueUrl);
    const { properties } = from.queue;
    const now = this.options.now();
    const visibleMs = (input.VisibilityTimeout ?? Number(properties.VisibilityTimeout)) * 1_000;
    const visible = from.messages.filter(({ visibleAt }) => visibleAt <= now);
    const Messages: Message[] = [];
    while (visible.length > 0 && Messages.length < (input.MaxNumberOfMessages ?? 1)) {
      const [message] = visible.splice(this.unreliability.pick(visible.length), 1);
      if (message === undefined) throw new Error('nothing was picked');
      message.received += 1;
      if (properties.RedrivePolicy !== undefined && message.received > properties.RedrivePolicy.maxReceiveCount) {
        from.messages.splice(from.messages.indexOf(message), 1);
        this.byArn(properties.RedrivePolicy.deadLetterTargetArn).messages.push({ ...message, visibleAt: now });
        continue;
      }
      message.receipt = `${message.id}#${message.received}`;
      if (!this.unreliability.repeats()) message.visibleAt = now + visibleMs;
      Messages.push({
        MessageId: message.id,
        ReceiptHandle: message.receipt,
        Body: message.body,
        Attributes: {
          ApproximateReceiveCount: String(message.received),
          SentTimestamp: String(message.sentAt),
          ...(message.group !== undefined && { MessageGroupId: message.group }),
        },
      });
    }
    return Messages.length === 0 ? {} : { Messages };
  }

  private delete({ input }: DeleteMessageCommand): object {
    const from = this.queue(input.QueueUrl);
    const id = idOf(input.ReceiptHandle);
    from.messages = from.messages.filter((message) => message.id !== id);
    return {};
  }

  private changeVisibility({ input }: ChangeMessageVisibilityCommand): object {
    const message = this.queue(input.QueueUrl).messages.find(({ id }) => id === idOf(input.ReceiptHandle));
    if (message !== undefined) message.visibleAt = this.options.now() + (input.VisibilityTimeout ?? 0) * 1_000;
    return {};
  }

  private attributes({ input }: GetQueueAttributesCommand): object {
    const { queue, messages } = this.queue(input.QueueUrl);
    const now = this.options.now();
    const waiting = messages.filter(({ visibleAt }) => visibleAt > now);
    return {
      Attributes: {
        QueueArn: queue.arn,
        ApproximateNumberOfMessages: String(messages.length - waiting.length),
        ApproximateNumberOfMessagesNotVisible: String(waiting.filter(({ receipt }) => receipt !== undefined).length),
        ApproximateNumberOfMessagesDelayed: String(waiting.filter(({ receipt }) => receipt === undefined).length),
      },
    };
  }

  private moveBack({ input }: StartMessageMoveTaskCommand): object {
    const dead = this.byArn(input.SourceArn ?? '');
    const source = [...this.queues.values()].find(({ queue }) => queue.properties.RedrivePolicy?.deadLetterTargetArn === input.SourceArn);
    if (source === undefined)
      throw new Refusal('ResourceNotFoundException', 'The resource that you specified for the SourceArn parameter is no source.');
    const now = this.options.now();
    source.messages.push(...dead.messages.map((message) => ({ ...message, visibleAt: now, received: 0, receipt: undefined })));
    dead.messages = [];
    return { TaskHandle: 'moved' };
  }

  private queue(url: string | undefined): Queue {
    const queue = this.queues.get(url ?? '');
    if (queue === undefined) throw new Refusal('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  }

  private byArn(arn: string): Queue {
    const queue = [...this.queues.values()].find((one) => one.queue.arn === arn);
    if (queue === undefined)
      throw new Refusal('ResourceNotFoundException', 'The resource that you specified for the SourceArn parameter does not exist.');
    return queue;
  }
}

function idOf(receipt = ''): string {
  return receipt.split('#')[0] ?? '';
}

function faultOf({
  MessageBody = '',
  DelaySeconds = 0,
  MessageGroupId,
}: {
  readonly MessageBody?: string | undefined;
  readonly DelaySeconds?: number | undefined;
  readonly MessageGroupId?: string | undefined;
}): Refusal | undefined {
  if (MessageBody === '') return new Refusal('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (Buffer.byteLength(MessageBody) > mostBytes)
    return new Refusal(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${mostBytes} bytes.`,
    );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what SQS takes
  if (/[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(MessageBody))
    return new Refusal('InvalidMessageContents', 'Invalid binary character was found in the message body.');
  if (DelaySeconds < 0 || DelaySeconds > longestDelay)
    return new Refusal('InvalidParameterValue', `Value ${DelaySeconds} for parameter DelaySeconds is invalid.`);
  if (
    MessageGroupId !== undefined &&
    !(MessageGroupId.length <= longestGroup && /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]+$/.test(MessageGroupId))
  )
    return new Refusal('InvalidParameterValue', `Value ${MessageGroupId} for parameter MessageGroupId is invalid.`);
  return undefined;
}
