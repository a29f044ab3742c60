import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { GetQueueAttributesCommand, type QueueAttributeName, type SQSClient } from '@aws-sdk/client-sqs';
import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { conversionRow } from '../../functions/adapters/dynamo/conversion-row.ts';
import { type Conversion, isSettled } from '../../functions/domain/conversion.ts';
import type { LocalOptions } from '../../lib/local/start-local.ts';
import { type Answer, type AnyBody, type Campaign, LocalStack, type PostbackOptions } from './local-stack.ts';
import { clientOf, queuesOf, tableOf } from './tables.ts';

const messageCounts: QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

/** The partner's side of the local stack, and what the admin API shows about its postbacks. */
export class Inbound {
  readonly stack: LocalStack;

  private readonly client: DynamoDBDocumentClient;
  private readonly queues: SQSClient;

  private constructor(stack: LocalStack) {
    this.stack = stack;
    this.client = clientOf(stack);
    this.queues = queuesOf(stack);
  }

  static async start(): Promise<Inbound> {
    return new Inbound(await LocalStack.start());
  }

  /** @see LocalStack.startOwn */
  static async startOwn(options: Partial<LocalOptions>): Promise<Inbound> {
    return new Inbound(await LocalStack.startOwn(options));
  }

  stop(): Promise<void> {
    this.client.destroy();
    this.queues.destroy();
    return this.stack.stop();
  }

  /** Sends a postback and also returns its log entry. */
  async send(key: string, parameters: Record<string, string> | string, options: PostbackOptions = {}): Promise<Sent> {
    const answer = await this.stack.postback(key, parameters, options);
    return { answer, log: await (answer.body.log_id === undefined ? this.logOf(answer) : this.log(answer.body.log_id)) };
  }

  async log(logId: string): Promise<AnyBody> {
    const { log } = await this.stack.adminOk('GET', `/received-postbacks/${logId}`);
    return log;
  }

  /** The newest log entry of a key. */
  async newestLog(key: string): Promise<AnyBody> {
    const { logs } = await this.stack.adminOk('GET', `/received-postbacks?unique_key=${key}&limit=1`);
    return this.log(logs[0].log_id);
  }

  /**
   * The log entry of an answer that contains no log id. The receiver's own log leads from the request to it, so that no list over 32 shards
   * is needed.
   */
  async logOf({ headers }: Pick<Answer<AnyBody>, 'headers'>): Promise<AnyBody> {
    const request = headers.get('x-request-id');
    const line = await this.stack.eventually(() => {
      const found = this.stack.system.log('receiver').findLast((text) => text.includes(`"request_id":"${request}"`));
      if (found === undefined) throw new Error(`the receiver has logged nothing of request ${request}`);
      return found;
    });
    return this.log(JSON.parse(line).log_id);
  }

  async logs(partnerId: string): Promise<AnyBody[]> {
    const { logs } = await this.stack.adminOk('GET', `/received-postbacks?partner_id=${partnerId}&limit=200`);
    return logs;
  }

  async conversions(partnerId: string): Promise<AnyBody[]> {
    const { conversions } = await this.stack.adminOk('GET', `/conversions?partner_id=${partnerId}&limit=200`);
    return conversions;
  }

  async conversion(id: string): Promise<AnyBody> {
    const { conversion } = await this.stack.adminOk('GET', `/conversions/${encodeURIComponent(id)}`);
    return conversion;
  }

  /** The user's balance after everything that was accepted from the partner is settled, so that nothing more can come. */
  async balance({ partnerId, publisherId, userId }: Pick<Campaign, 'partnerId' | 'publisherId' | 'userId'>): Promise<string> {
    await this.stack.eventually(async () => {
      if (!(await this.queueIsEmpty())) throw new Error('messages are under way');
      const open = await this.unsettled(partnerId);
      if (open.length > 0) throw new Error(`not settled yet: ${JSON.stringify(open)}`);
    }, 30_000);
    return (await this.stack.points(publisherId, userId)).balance;
  }

  private async unsettled(partnerId: string): Promise<readonly string[]> {
    const conversions = await this.conversionsStored(partnerId);
    return conversions.filter((conversion) => !isSettled(conversion)).map(({ conversion_id }) => conversion_id);
  }

  /** Reads the table directly, because the API's list reads 32 shards; for tests that ask often, or have very many partners. */
  async conversionsStored(partnerId: string): Promise<readonly Conversion[]> {
    const { Items = [] } = await this.client.send(
      new ScanCommand({
        TableName: tableOf(this.stack, 'Conversions'),
        FilterExpression: 'partner_id = :partner AND attribute_exists(revision)',
        ExpressionAttributeValues: { ':partner': partnerId },
        ConsistentRead: true,
      }),
    );
    return Items.map((row) => conversionRow.parse(row));
  }

  /** Whether a message waits to be processed, or is being processed. */
  private async queueIsEmpty(): Promise<boolean> {
    const { Attributes = {} } = await this.queues.send(
      new GetQueueAttributesCommand({ QueueUrl: this.stack.system.queues.get('ConversionsQueue')?.url, AttributeNames: messageCounts }),
    );
    return Object.values(Attributes).every((count) => count === '0');
  }

  /** Sends a request exactly as written, which an HTTP client would correct. @returns the whole answer. */
  async sendBytes(request: Uint8Array | string): Promise<string> {
    const { hostname, port } = new URL(this.stack.url);
    const socket = connect(Number(port), hostname);
    // The connection stays open: a server that sees the end of the request before it answers believes that the caller is gone.
    socket.write(typeof request === 'string' ? Buffer.from(request, 'latin1') : request);
    return text(socket);
  }
}

export interface Sent {
  readonly answer: Answer<AnyBody>;
  readonly log: AnyBody;
}
