import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LocalQueue } from '../../../lib/local/deployment.ts';
import { type QueueEmulator, startQueueEmulator } from '../../../lib/local/queue-emulator.ts';
import { createQueues } from '../../../lib/local/queues.ts';
import { SimulatedQueues } from '../../simulation/sqs/queues.ts';

/** Compares the simulation's queues with the emulator, as far as neither depends on the passing of time. */
const region = 'eu-west-1';
let emulator: QueueEmulator;
let real: SQSClient;
let runs = 0;

beforeAll(async () => {
  emulator = await startQueueEmulator({ region });
  real = new SQSClient({
    region,
    maxAttempts: 1,
    endpoint: emulator.endpoint,
    credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
    useQueueUrlAsEndpoint: false,
  });
});
afterAll(async () => {
  real.destroy();
  await emulator.stop();
});

/** A queue whose messages become dead letters after two receipts, and its dead-letter queue. */
function makeQueues(): { work: LocalQueue; dead: LocalQueue } {
  runs += 1;
  const named = (name: string) => ({
    id: name,
    name,
    arn: `arn:aws:sqs:${region}:000000000000:${name}`,
    url: `${emulator.endpoint}/000000000000/${name}`,
  });
  const dead: LocalQueue = { ...named(`dead-${runs}`), properties: { VisibilityTimeout: 30 } };
  const RedrivePolicy = { deadLetterTargetArn: dead.arn, maxReceiveCount: 2 };
  return { dead, work: { ...named(`work-${runs}`), properties: { VisibilityTimeout: 3_600, RedrivePolicy } } };
}

// AWS accepts characters beyond the basic plane and the emulator refuses them; we send none.
const body = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', '{"v":2}', 'ä€') },
  { weight: 1, arbitrary: fc.constantFrom('\u0001', '\ufffe') },
);
const delay = fc.constantFrom(undefined, 0, 900);
type Step =
  | { kind: 'send'; body: string; delay: number | undefined }
  | { kind: 'batch'; bodies: string[]; twice: boolean }
  | { kind: 'receive'; most: number; from: 'work' | 'dead' }
  | { kind: 'delete' | 'release'; which: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('send' as const), body, delay }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('batch' as const),
      bodies: fc.array(body, { minLength: 0, maxLength: 11 }),
      twice: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('receive' as const),
      most: fc.integer({ min: 1, max: 10 }),
      from: fc.constantFrom('work' as const, 'work' as const, 'dead' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('delete' as const, 'release' as const, 'release' as const), which: fc.nat(9) }),
  },
);

/** One side: the messages that it was sent, and the receipts that it gave. */
class Side {
  private receipts: string[] = [];
  private readonly perform: (command: object) => Promise<Record<string, unknown>>;
  private readonly work: LocalQueue;
  private readonly dead: LocalQueue;

  constructor(perform: Side['perform'], work: LocalQueue, dead: LocalQueue) {
    this.perform = perform;
    this.work = work;
    this.dead = dead;
  }

  async take(one: Step): Promise<unknown> {
    try {
      return await this.done(one);
    } catch (error) {
      const { name } = error as Error;
      return { thrown: name.replace(/^com\.amazonaws\.sqs#|^AWS\.SimpleQueueService\./, '') };
    }
  }

  private async done(one: Step): Promise<unknown> {
    const QueueUrl = this.work.url;
    switch (one.kind) {
      case 'send':
        await this.perform(new SendMessageCommand({ QueueUrl, MessageBody: one.body, DelaySeconds: one.delay }));
        return 'sent';
      case 'batch': {
        const Entries = one.bodies.map((MessageBody, index) => ({ Id: String(one.twice && index > 0 ? 0 : index), MessageBody }));
        const { Successful = [], Failed = [] } = await this.perform(new SendMessageBatchCommand({ QueueUrl, Entries }));
        return { taken: (Successful as { Id: string }[]).map(({ Id }) => Id), refused: (Failed as { Id: string }[]).map(({ Id }) => Id) };
      }
      case 'receive': {
        const { Messages = [] } = await this.perform(
          new ReceiveMessageCommand({
            QueueUrl: this[one.from].url,
            MaxNumberOfMessages: one.most,
            MessageSystemAttributeNames: ['ApproximateReceiveCount'],
          }),
        );
        const got = Messages as { Body: string; ReceiptHandle: string; Attributes: Record<string, string> }[];
        if (one.from === 'work') this.receipts.push(...got.map(({ ReceiptHandle }) => ReceiptHandle));
        return got.map(({ Body, Attributes }) => `${Body} ${Attributes['ApproximateReceiveCount']}`);
      }
      case 'delete': {
        const [ReceiptHandle] = this.receipts.splice(one.which % Math.max(1, this.receipts.length), 1);
        if (ReceiptHandle !== undefined) await this.perform(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        return ReceiptHandle !== undefined;
      }
      case 'release': {
        const [ReceiptHandle] = this.receipts.splice(one.which % Math.max(1, this.receipts.length), 1);
        if (ReceiptHandle !== undefined)
          await this.perform(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
        return ReceiptHandle !== undefined;
      }
      default:
        return one satisfies never;
    }
  }

  async counts(): Promise<unknown> {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed'] as const;
    return Promise.all(
      [this.work, this.dead].map(async ({ url }) => {
        const { Attributes } = await this.perform(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] }));
        return names.map((name) => (Attributes as Record<string, string>)[name]);
      }),
    );
  }
}

describe('the queues of the simulation', () => {
  test('accept, delay, hand out, set aside and refuse the same messages as the emulator', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
        const { work, dead } = makeQueues();
        await createQueues(real, [dead, work]);
        const simulated = new SimulatedQueues([dead, work], { now: Date.now });
        const expected = new Side(async (command) => ({ ...(await real.send(command as never)) }), work, dead);
        const ours = new Side(async (command) => simulated.perform(command) as Record<string, unknown>, work, dead);
        for (const one of steps) {
          const came = await ours.take(one);
          expect({ one, came, counts: await ours.counts() }).toEqual({
            one,
            came: await expected.take(one),
            counts: await expected.counts(),
          });
        }
      }),
      { numRuns: Number(process.env['DIFFERENTIAL_RUNS'] ?? 40), seed: Number(process.env['SEED'] ?? 18) },
    );
  }, 120_000);
});
