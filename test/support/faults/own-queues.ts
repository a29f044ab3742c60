import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';

export interface OwnMessage {
  readonly queue: string;
  readonly body: string;
  /** Epoch milliseconds from which it can be received. */
  visibleAt: number;
  received: number;
}

const visibilityMs = 60_000;
const mostReceives = 5;

/**
 * SQS on an experiment's own clock, in the place of its client: it takes the very messages that the functions send, delays them,
 * and hands them out at least once. Days pass in no time; that is why it is not the emulator.
 */
export class OwnQueues {
  messages: OwnMessage[] = [];
  readonly deadLetters: OwnMessage[] = [];
  /** While it is down, nothing is taken. */
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

  /** Receives what is visible; it stays, hidden, until it is deleted. */
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

  /** A failed message comes again when its visibility ends, and is set aside after too many times. */
  failed(message: OwnMessage): void {
    if (message.received < mostReceives) return;
    this.delete(message);
    this.deadLetters.push(message);
  }

  /** Everything that was on its way is gone. */
  loseAll(): number {
    const lost = this.messages.length;
    this.messages = [];
    return lost;
  }

  private take(queue = '', body = '', delaySeconds = 0): void {
    this.messages.push({ queue, body, visibleAt: this.now() + delaySeconds * 1_000, received: 0 });
  }
}
