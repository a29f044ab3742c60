import { GetQueueAttributesCommand, type QueueAttributeName, type SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';

const queueNames = ['conversions', 'deliveries'] as const;
export type QueueName = (typeof queueNames)[number];

/** All counts are approximate, as SQS counts. */
interface QueueState {
  readonly name: QueueName;
  /** Messages that wait to be received. */
  readonly depth: number;
  /** Messages that are being processed. */
  readonly inFlight: number;
  /** Messages that wait for their time. */
  readonly delayed: number;
  /** Messages that were given up. */
  readonly deadLetters: number;
}

export interface QueueAdmin {
  list(): Promise<readonly QueueState[]>;
  /** Starts to move the dead letters back; `false` when a move is already running. */
  redrive(name: QueueName): Promise<boolean>;
}

export interface QueueAddresses {
  readonly queue: string;
  readonly deadLetters: string;
}

const counts = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const satisfies readonly QueueAttributeName[];

export function createQueueAdmin(client: SQSClient, addresses: Readonly<Record<QueueName, QueueAddresses>>): QueueAdmin {
  const attributes = async (url: string, names: readonly QueueAttributeName[]): Promise<Readonly<Record<string, string>>> => {
    const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] }));
    return Attributes;
  };
  return {
    list: () =>
      Promise.all(
        queueNames.map(async (name): Promise<QueueState> => {
          const [queue, dead] = await Promise.all([
            attributes(addresses[name].queue, counts),
            attributes(addresses[name].deadLetters, counts),
          ]);
          return {
            name,
            depth: countOf(queue, 'ApproximateNumberOfMessages'),
            inFlight: countOf(queue, 'ApproximateNumberOfMessagesNotVisible'),
            delayed: countOf(queue, 'ApproximateNumberOfMessagesDelayed'),
            deadLetters: countOf(dead, 'ApproximateNumberOfMessages'),
          };
        }),
      ),
    async redrive(name) {
      const { QueueArn } = await attributes(addresses[name].deadLetters, ['QueueArn']);
      try {
        await client.send(new StartMessageMoveTaskCommand({ SourceArn: QueueArn }));
        return true;
      } catch (error) {
        // For a second move of the same queue SQS has no error of its own: it is an InvalidParameterValue, and only its text tells.
        if (error instanceof Error && error.message.includes('already a task running')) return false;
        throw error;
      }
    },
  };
}

function countOf(attributes: Readonly<Record<string, string>>, name: (typeof counts)[number]): number {
  return Number(attributes[name] ?? 0);
}
