import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createHeldDeliveries } from '../../functions/adapters/dynamo/held-deliveries.ts';
import { createResends } from '../../functions/adapters/dynamo/resends.ts';
import { healthy, recordOutcome } from '../../functions/domain/delivery/circuit.ts';
import type { Delivery } from '../../functions/domain/delivery/delivery.ts';
import { BenchRun, later } from '../support/faults/bench-run.ts';
import { Instance } from '../support/faults/instance.ts';
import { interleave } from '../support/faults/interleave.ts';
import { readAll } from '../support/faults/oracle.ts';
import type { OwnMessage } from '../support/faults/own-queues.ts';

let run: BenchRun;
beforeAll(async () => {
  run = await BenchRun.start();
}, 120_000);
afterAll(() => run.stop());
afterEach(async () => {
  run.bench.publisher.answerStatus(200);
  await forgetFailures();
  await run.recover();
});

/** This makes sure that no circuit is open. */
async function forgetFailures(): Promise<void> {
  const { endpoints } = run.bench.forwarding(new Instance(), () => run.bench.now);
  await endpoints.update(run.campaign.publisher.publisher_id, () => healthy);
}

async function deliveriesOf(click: string): Promise<Delivery[]> {
  const { deliveries, conversions } = await readAll(run.bench.client, run.bench.names);
  const ids = conversions
    .filter(({ click_id }) => click_id === click)
    .flatMap(({ settlements }) => settlements.flatMap((settled) => settled.deliveries.map(({ delivery_id }) => delivery_id)));
  return deliveries.map(({ row }) => row).filter(({ delivery_id }) => ids.includes(delivery_id));
}

function one<T>(items: readonly T[]): T {
  const [only] = items;
  if (only === undefined || items.length !== 1) throw new Error(`one expected, not ${items.length}`);
  return only;
}

/** The message for a delivery that nobody has attempted. */
async function fresh(): Promise<{ click: string; message: OwnMessage }> {
  const click = await run.accepted();
  await run.bench.settle(run.bench.queues.receive('conversions'));
  return { click, message: one(run.bench.queues.receive('deliveries')) };
}

function requestsFor(id: string): number {
  return run.bench.publisher.requests.filter(({ headers }) => headers['webhook-id'] === id).length;
}

describe('two senders of one delivery', () => {
  /** The first sender fails; the second, in a gap of the first, succeeds. The delivery must stay delivered. */
  async function race(prepare: () => Promise<{ click: string; message: OwnMessage }>): Promise<void> {
    let between: Delivery | undefined;
    let click = '';
    await interleave(
      async () => {
        await forgetFailures();
        const made = await prepare();
        click = made.click;
        between = undefined;
        run.bench.publisher.answerStatus(500);
        return {
          first: (instance) => run.bench.forward(made.message, instance),
          second: async () => {
            run.bench.publisher.answerStatus(200);
            await run.bench.forward(made.message);
            between = one(await deliveriesOf(made.click));
            run.bench.publisher.answerStatus(500);
          },
        };
      },
      async () => {
        const after = one(await deliveriesOf(click));
        if (between === undefined) return;
        if (between.status === 'delivered') expect(after.status).toBe('delivered');
        expect(after.attempts.slice(0, between.attempts.length)).toEqual(between.attempts);
      },
    );
  }

  test('first attempt: what one has recorded the other does not undo', async () => {
    await race(fresh);
  });

  test('later attempt: what one has recorded the other does not undo', async () => {
    await race(async () => {
      run.bench.publisher.answerStatus(500);
      const { click, message } = await fresh();
      await run.bench.forward(message);
      run.bench.now += 7_000;
      return { click, message: one(run.bench.queues.receive('deliveries')) };
    });
  });
});

test('a message that comes again when its delivery has arrived attempts nothing', async () => {
  const { click, message } = await fresh();
  await run.bench.forward(message);
  const { delivery_id, status } = one(await deliveriesOf(click));
  expect(status).toBe('delivered');
  run.bench.now += later;
  // A message may not say how many attempts there were; then the delivery is attempted if it is due.
  const { attempt: _, ...said } = JSON.parse(message.body);
  for (const body of [message.body, JSON.stringify(said)]) await run.bench.forward({ ...message, body, received: message.received + 1 });
  expect(requestsFor(delivery_id)).toBe(1);
});

test('a first message that comes back from the dead letters when its delivery has arrived attempts nothing', async () => {
  const { click, message } = await fresh();
  run.bench.queues.delete(message);
  // The sweeper finds the delivery that nobody has attempted.
  await run.bench.pass(later);
  const { delivery_id, status } = one(await deliveriesOf(click));
  expect(status).toBe('delivered');
  // SQS counts the receives of a message anew when it moves it back to its queue.
  await run.bench.forward({ ...message, received: 1 });
  expect(requestsFor(delivery_id)).toBe(1);
  expect(one(await deliveriesOf(click)).attempts).toHaveLength(1);
});

test("a publisher's health counts both of two failures at the same time", async () => {
  const { publisher_id } = run.campaign.publisher;
  const failed = (instance: Instance) =>
    run.bench
      .forwarding(instance, () => run.bench.now)
      .endpoints.update(publisher_id, (health) => recordOutcome(health, { kind: 'failed' }, run.bench.now, { wasSlow: false }));
  const { endpoints } = run.bench.forwarding(new Instance(), () => run.bench.now);
  await interleave(
    async () => {
      await endpoints.update(publisher_id, () => healthy);
      return { first: (instance) => instance.run(() => failed(instance)), second: () => failed(new Instance()) };
    },
    async () => {
      expect((await endpoints.health(publisher_id)).consecutive_failures).toBe(2);
    },
  );
});

test('two sweepers put a delivery that is due on its queue once', async () => {
  await run.recover();
  for (const number of [1, 20, 33, 34, 35, 60]) {
    run.bench.publisher.answerStatus(500);
    await run.accepted();
    await run.bench.work();
    await forgetFailures();
    run.bench.publisher.answerStatus(200);
    run.bench.queues.loseAll();
    run.bench.now += later;
    const instance: Instance = new Instance(async (call, perform) => {
      if (call.number !== number) return perform();
      await run.bench.sweep();
      return perform();
    });
    await run.bench.sweep(instance);
    expect(run.bench.queues.messages.map(({ queue }) => queue)).toEqual(['deliveries']);
    await run.bench.work();
  }
});

test('a delivery that was released and delivered is not released again', async () => {
  const { publisher_id } = run.campaign.publisher;
  const held = createHeldDeliveries(run.bench.client, run.bench.names.deliveries);
  run.bench.publisher.answerStatus(410);
  const { click, message } = await fresh();
  await run.bench.forward(message);
  const { delivery_id, status } = one(await deliveriesOf(click));
  expect(status).toBe('held');
  expect(await held.held(publisher_id, 10)).toEqual([delivery_id]);
  run.bench.publisher.answerStatus(200);
  const { endpoints } = run.bench.forwarding(new Instance(), () => run.bench.now);
  await endpoints.update(publisher_id, () => healthy);
  await held.schedule(delivery_id, run.bench.now);
  await run.bench.pass(later);
  expect(one(await deliveriesOf(click)).status).toBe('delivered');
  // Another run of the release has read its list before.
  await held.schedule(delivery_id, run.bench.now);
  await run.bench.pass(later);
  expect(one(await deliveriesOf(click)).status).toBe('delivered');
  expect(requestsFor(delivery_id)).toBe(2);
});

test('a delivery that two people have resent is sent once more', async () => {
  const { click, message } = await fresh();
  await run.bench.forward(message);
  const read = one(await deliveriesOf(click));
  const resends = createResends(run.bench.client, run.bench.names.deliveries);
  expect(await resends.schedule(read, run.bench.now)).toBe(true);
  await run.bench.pass(later);
  expect(await resends.schedule(read, run.bench.now)).toBe(false);
  await run.bench.pass(later);
  expect(requestsFor(read.delivery_id)).toBe(2);
});

test('a conflict with another transaction is tried again until it is through', async () => {
  let conflicts = 0;
  const instance = new Instance(async ({ operation }, perform) => {
    if (operation !== 'TransactWriteCommand' || conflicts >= 4) return perform();
    conflicts += 1;
    throw new TransactionCanceledException({ message: 'conflict', $metadata: {}, CancellationReasons: [{ Code: 'TransactionConflict' }] });
  });
  const click = await run.click();
  expect(await run.send(click, {}, instance)).toMatchObject({ result: 'accepted' });
  expect(conflicts).toBe(4);
});

test('everybody was paid once, and every delivery is accounted for', async () => {
  await run.recover();
  await run.conclude('Two senders, two sweepers, two releases, two resends, four conflicts', run.ledger.points.size);
});
