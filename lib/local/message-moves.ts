import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';

const startSchema = z.object({ SourceArn: z.string(), DestinationArn: z.string().optional() });
const redriveSchema = z.object({ deadLetterTargetArn: z.string() });

interface Move {
  readonly TaskHandle: string;
  readonly SourceArn: string;
  readonly StartedTimestamp: number;
  Status: 'RUNNING' | 'COMPLETED' | 'FAILED';
  ApproximateNumberOfMessagesMoved: number;
}

/** StartMessageMoveTask and ListMessageMoveTasks, as SQS has them: messages go back to the queue they came from. */
export class MessageMoves {
  private readonly client: SQSClient;
  private readonly moves: Move[] = [];

  constructor(endpoint: string, region: string) {
    this.client = new SQSClient({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  }

  answers(action: string): boolean {
    return action === 'StartMessageMoveTask' || action === 'ListMessageMoveTasks';
  }

  async answer(action: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { SourceArn, DestinationArn } = startSchema.parse(await json(request));
    const send = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(body));
    };
    const refuse = (status: number, type: string, message: string) => send(status, { __type: `com.amazonaws.sqs#${type}`, message });
    if (action === 'ListMessageMoveTasks') {
      send(200, { Results: this.moves.filter((move) => move.SourceArn === SourceArn).reverse() });
      return;
    }
    const source = await this.queueWith((queue) => queue.arn === SourceArn);
    const destination = await this.queueWith((queue) =>
      DestinationArn === undefined ? queue.deadLettersGoTo === SourceArn : queue.arn === DestinationArn,
    );
    if (source === undefined || destination === undefined) {
      refuse(404, 'ResourceNotFoundException', 'The source or its destination does not exist.');
      return;
    }
    if (this.moves.some((move) => move.SourceArn === SourceArn && move.Status === 'RUNNING')) {
      refuse(
        400,
        'InvalidParameterValue',
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
      return;
    }
    const move: Move = {
      TaskHandle: randomUUID(),
      SourceArn,
      StartedTimestamp: Date.now(),
      Status: 'RUNNING',
      ApproximateNumberOfMessagesMoved: 0,
    };
    this.moves.push(move);
    void this.run(move, source, destination);
    send(200, { TaskHandle: move.TaskHandle });
  }

  /** Sends each message before it deletes it: a message may arrive twice but cannot be lost. */
  private async run(move: Move, source: string, destination: string): Promise<void> {
    try {
      for (;;) {
        const { Messages = [] } = await this.client.send(
          new ReceiveMessageCommand({ QueueUrl: source, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
        );
        if (Messages.length === 0) break;
        for (const { Body, MessageAttributes, ReceiptHandle } of Messages) {
          await this.client.send(new SendMessageCommand({ QueueUrl: destination, MessageBody: Body, MessageAttributes }));
          await this.client.send(new DeleteMessageCommand({ QueueUrl: source, ReceiptHandle }));
          move.ApproximateNumberOfMessagesMoved += 1;
        }
      }
      move.Status = 'COMPLETED';
    } catch {
      move.Status = 'FAILED';
    }
  }

  private async queueWith(test: (queue: { arn?: string; deadLettersGoTo?: string }) => boolean): Promise<string | undefined> {
    const { QueueUrls = [] } = await this.client.send(new ListQueuesCommand({}));
    for (const QueueUrl of QueueUrls) {
      const { Attributes = {} } = await this.client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
      const { QueueArn: arn, RedrivePolicy } = Attributes;
      const redrive = RedrivePolicy === undefined ? undefined : redriveSchema.parse(JSON.parse(RedrivePolicy));
      if (test({ ...(arn !== undefined && { arn }), ...(redrive && { deadLettersGoTo: redrive.deadLetterTargetArn }) })) return QueueUrl;
    }
    return undefined;
  }
}
