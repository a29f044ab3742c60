import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';

export interface OwnMessage {
  readonly queue: string;
  readonly body: string;
  /** Epoch milliseconds from which the message can be received. */
  visibleAt: number;
  received: number;
}

const visibilityMs = 60_000;
const mostReceives = 5;

/**
 * SQS on an experiment's own clock, in place of its client. It accepts the messages that the functions really send, delays them, and hands
 * them out at least once. We do not use the emulator because here days pass in no time.
 */
export class OwnQueues {
  messages: OwnMessage[] = [];
  readonly deadLetters: OwnMessage[] = [];
  /** While it is down, it accepts nothing. */
  down = false;
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  async send(command: object): Promise<unknown> {
    if (this.down) throw Object.assign(new Error('the queue is down'), { name: 'ServiceUnavailable' });
    if (command instanceof SendMessageCommand) {
      this.take(command.input.QueueUrl, command.input.MessageBody, command.input.DelaySeconds);
      return {};
    }
    if (command instanceof SendMessageBatchCommand) {
      for (const entry of command.input.Entries ?? []) this.take(command.input.QueueUrl, entry.MessageBody, entry.DelaySeconds);
      return { Successful: [], Failed: [] };
    }
    throw new Error(`not an operation of these queues: ${command.constructor.name}`);
  }

  /** Receives the visible messages. They stay in the queue, hidden, until they are deleted. */
  receive(queue: string, most = Number.POSITIVE_INFINITY): OwnMessage[] {
    const visible = this.messages.filter((message) => message.queue === queue && message.visibleAt <= this.now()).slice(0, most);
    for (const message of visible) {
      message.received += 1;
      message.visibleAt = this.now() + visibilityMs;
    }
    return visible;
  }

  delete(message: OwnMessage): void {
    this.messages = this.messages.filter((other) => other !== message);
  }

  /** A failed message comes again when its visibility timeout ends, and becomes a dead letter after too many receipts. */
  failed(message: OwnMessage): void {
    if (message.received < mostReceives) return;
    this.delete(message);
    this.deadLetters.push(message);
  }

  /** Loses every message that is on its way. */
  loseAll(): number {
    const lost = this.messages.length;
    this.messages = [];
    return lost;
  }

  private take(queue = '', body = '', delaySeconds = 0): void {
    this.messages.push({ queue, body, visibleAt: this.now() + delaySeconds * 1_000, received: 0 });
  }
}
