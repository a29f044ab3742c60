import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { inParallel } from '../support/faults/bench.ts';
import { type Campaign, payout, points } from '../support/faults/campaign.ts';
import { conclude, isFull, Ledger, size } from '../support/faults/experiment.ts';
import { conflicted, type Fate, internalError, throttled } from '../support/faults/fault-proxy.ts';
import { FaultyStack } from '../support/faults/faulty-stack.ts';
import { isAllDone, judge } from '../support/faults/oracle.ts';
import { createRandom, type Random, runSeed } from '../support/faults/random.ts';
import { until } from '../support/faults/wait.ts';

/** Work that the sweeper recovers waits for its grace period of a minute, which is too long for every run of the tests. */
const whenFull = isFull ? test : test.skip;

let stack: FaultyStack;
let campaign: Campaign;
let ledger: Ledger;
let acknowledgedBefore = 0;

beforeAll(async () => {
  stack = await FaultyStack.start();
  campaign = await stack.campaign();
  ledger = new Ledger();
}, 120_000);
afterAll(() => stack.stop());
afterEach(() => {
  stack.dynamo.heal();
  stack.sqs.heal();
});

async function clicks(count: number, users: number): Promise<string[]> {
  const made: string[] = [];
  await inParallel(
    Array.from({ length: count }, (_, index) => async () => {
      made.push(await stack.click(campaign, `user-${index % users}`));
    }),
    16,
  );
  for (const click of made) ledger.expect(click, points);
  return made;
}

async function load(made: readonly string[], width = 16): Promise<void> {
  await inParallel(
    made.map((click) => async () => {
      await stack.sendUntilTaken(campaign.key, { click_id: click, payout, transaction_id: click });
      ledger.acknowledge(click);
    }),
    width,
  );
}

/**
 * Waits until nothing is left to do. The sweeper runs more often than once a minute, but finds no work before it is due. Reading every row
 * takes seconds when there are thousands, so between two readings the system has the machine to itself for the same time.
 */
async function caughtUp(withinMs = 420_000): Promise<number> {
  const started = Date.now();
  let swept = started;
  let took = 0;
  await until(
    async () => {
      await sleep(took);
      if (Date.now() - swept > size(10_000, 3_000)) {
        swept = Date.now();
        await stack.system.invoke('sweeper', {});
      }
      const from = Date.now();
      const { gaps, records } = await look();
      took = Date.now() - from;
      const areDelivered = records.deliveries.every(({ row }) => row.status === 'delivered');
      return gaps.length === 0 && areDelivered && isAllDone(records, Date.now());
    },
    withinMs,
    'nothing is left to do',
    500,
  );
  return Date.now() - started;
}

function look() {
  return judge({ client: stack.client, names: stack.names, now: Date.now(), expectation: ledger, publishers: [stack.publisher] });
}

async function finish(experiment: string, runs: number, note?: string): Promise<void> {
  stack.dynamo.heal();
  stack.sqs.heal();
  const acknowledged = new Set([...ledger.acknowledged].slice(acknowledgedBefore));
  acknowledgedBefore = ledger.acknowledged.size;
  const recoveryMs = await caughtUp();
  await conclude(
    { experiment, runs, recoveryMs, ...(note === undefined ? {} : { note }) },
    {
      client: stack.client,
      names: stack.names,
      now: Date.now(),
      expectation: { acknowledged, points: ledger.points },
      publishers: [stack.publisher],
    },
  );
}

/** The share of the calls in which something goes wrong. */
function nowAndThen(random: Random, share: number): Fate {
  return (call) => {
    if (random.next() >= share) return undefined;
    switch (random.whole(0, 5)) {
      case 0:
        return throttled;
      case 1:
        return internalError;
      case 2:
        return call.operation === 'TransactWriteItems' ? conflicted(call) : throttled;
      case 3:
        return { drop: true };
      case 4:
        return { loseAnswer: true };
      default:
        return { delayMs: random.whole(5, 400) };
    }
  };
}

const describeSum = (faults: ReadonlyMap<string, number>) => [...faults].map(([kind, count]) => `${count} ${kind}`).join(', ');

describe(`the whole system with services that fail (seed ${runSeed})`, () => {
  whenFull(
    'throttling, conflicts, lost requests, lost answers and delays in 30% of all calls',
    async () => {
      const random = createRandom('thirty percent');
      const made = await clicks(size(3_000, 150), 40);
      stack.dynamo.decide(nowAndThen(random, 0.3));
      stack.sqs.decide(nowAndThen(random, 0.3));
      await load(made);
      await finish(
        'Throttling, TransactionConflict, 500, lost requests, lost answers and delays in 30% of calls',
        made.length,
        describeSum(stack.dynamo.faults),
      );
    },
    600_000,
  );

  whenFull(
    'the commit succeeds and its answer is lost',
    async () => {
      const random = createRandom('answer lost');
      const made = await clicks(size(500, 60), 20);
      stack.dynamo.decide((call) => (call.operation === 'TransactWriteItems' && random.next() < 0.5 ? { loseAnswer: true } : undefined));
      await load(made);
      await finish('Commit with the answer lost', made.length);
    },
    600_000,
  );

  test('every message is sent two to five times and out of order', async () => {
    const random = createRandom('repeated');
    const made = await clicks(size(2_000, 50), 20);
    stack.sqs.decide(({ operation }) =>
      operation.startsWith('SendMessage') ? { times: random.whole(2, 5), delayMs: random.whole(0, 120) } : undefined,
    );
    await load(made);
    await finish('Every message sent 2-5 times and out of order', made.length);
  }, 600_000);

  test('one user at full rate', async () => {
    const made = await clicks(size(500, 120), 1);
    const started = Date.now();
    await load(made, 32);
    await finish(
      `One user at full rate: ${made.length} conversions at once on one balance`,
      made.length,
      `all settled and delivered ${Date.now() - started} ms after the first`,
    );
  }, 600_000);

  whenFull(
    'the processor is killed again and again under load',
    async () => {
      const random = createRandom('killed');
      const made = await clicks(size(1_500, 60), 20);
      let next = random.whole(20, 60);
      let kills = 0;
      const most = size(60, 3);
      stack.dynamo.decide(({ number }) => {
        if (kills >= most || number % 400 !== next % 400) return undefined;
        next = random.whole(0, 399);
        kills += 1;
        const kill = () => stack.system.kill('processor');
        return random.next() < 0.5 ? { before: kill } : { after: kill };
      });
      await load(made);
      expect(kills).toBeGreaterThan(0);
      await finish("Processor's thread killed under load, before or after one of its calls", kills);
    },
    600_000,
  );

  test('the receiver is killed again and again under load', async () => {
    const random = createRandom('receiver killed');
    const made = await clicks(size(1_000, 60), 20);
    let kills = 0;
    const most = size(40, 3);
    stack.dynamo.decide(({ operation }) => {
      if (kills >= most || operation !== 'TransactWriteItems' || random.next() > 0.04) return undefined;
      kills += 1;
      const kill = () => stack.system.kill('receiver');
      return random.next() < 0.5 ? { before: kill } : { after: kill };
    });
    await load(made, 8);
    await finish("Receiver's thread killed under load, before or after a commit", kills);
  }, 600_000);

  test('a batch of ten with one bad message, poison JSON and an unknown version', async () => {
    const made = await clicks(size(200, 20), 5);
    const client = new SQSClient({
      region: stack.system.region,
      endpoint: stack.system.endpoints.sqs,
      useQueueUrlAsEndpoint: false,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const poison = [
      '{not json',
      '"text"',
      '{"v":999,"conversion_id":"x","steps":1}',
      '{"v":1,"conversion_id":"CLK-NOBODY.complete","steps":1}',
      '{"v":1}',
    ];
    const putPoison = async (queue: string) => {
      const QueueUrl = stack.system.queues.get(queue)?.url;
      for (const MessageBody of poison) await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    };
    await Promise.all([putPoison('ConversionsQueue'), putPoison('DeliveriesQueue'), load(made)]);
    client.destroy();
    await finish('Poison JSON, an unknown message version and an unknown conversion among good messages', made.length);
  }, 600_000);

  test('nothing at all is lost when every call to the store fails for a while', async () => {
    const made = await clicks(size(300, 30), 10);
    stack.dynamo.decide(() => internalError);
    const answers = await Promise.all(
      made.slice(0, 5).map((click) => stack.send(campaign.key, { click_id: click, payout, transaction_id: click })),
    );
    // When the fault is ours, the answer is never a 4xx and never a success.
    for (const answer of answers) expect(answer?.status).toBe(503);
    stack.dynamo.heal();
    await load(made);
    await finish('The store is down: 503, safe to send again', made.length);
  }, 120_000);
});

if (isFull) {
  test('the queue is down while postbacks come in', async () => {
    const made = await clicks(300, 10);
    stack.sqs.decide(() => internalError);
    await load(made);
    await finish('Commit succeeds and the queue is down (on the wall clock)', made.length);
  }, 600_000);
}
