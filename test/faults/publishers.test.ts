import { createServer, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createHeldDeliveries } from '../../functions/adapters/dynamo/held-deliveries.ts';
import { createResends } from '../../functions/adapters/dynamo/resends.ts';
import { settingKey } from '../../functions/adapters/dynamo/setting-rows.ts';
import { resume as resumed } from '../../functions/domain/delivery/circuit.ts';
import type { Delivery } from '../../functions/domain/delivery/delivery.ts';
import { listen } from '../../lib/local/http-server.ts';
import { BenchRun, later } from '../support/faults/bench-run.ts';
import { putSetting } from '../support/faults/campaign.ts';
import { size } from '../support/faults/experiment.ts';
import { Instance } from '../support/faults/instance.ts';
import { readAll } from '../support/faults/oracle.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

// Refused IP addresses, TLS, DNS, and a name whose IP address changes between check and connection are tested in
// test/integration/publisher-client.test.ts.

let run: BenchRun;
beforeAll(async () => {
  run = await BenchRun.start({ attemptMs: 1_000 });
}, 120_000);
afterAll(() => run.stop());
afterEach(() => run.bench.publisher.answerStatus(200));

/** The current state of the delivery of a click's conversion. */
async function deliveryOf(click: string): Promise<Delivery> {
  const { deliveries, conversions } = await readAll(run.bench.client, run.bench.names);
  const ids = conversions
    .filter(({ click_id }) => click_id === click)
    .flatMap(({ settlements }) => settlements.flatMap((settled) => settled.deliveries.map(({ delivery_id }) => delivery_id)));
  const found = deliveries.find(({ row }) => row.delivery_id === ids[0]);
  if (found === undefined) throw new Error(`no delivery of ${click}`);
  return found.row;
}

/** Closes every circuit and ends every pause, as an admin does by resuming. */
async function resume(): Promise<void> {
  const { endpoints } = run.bench.forwarding(new Instance(), () => run.bench.now);
  await endpoints.update(run.campaign.publisher.publisher_id, () => resumed());
}

async function attemptOnce(): Promise<Delivery> {
  const click = await run.accepted();
  await run.bench.work();
  return deliveryOf(click);
}

describe('what a publisher answers', () => {
  // Makes sure that no test has to wait for what another has left: nothing is due before the clock is moved.
  afterEach(resume);

  test.each([200, 201, 204])('%i is a success', async (status) => {
    run.bench.publisher.answerStatus(status);
    expect(await attemptOnce()).toMatchObject({ status: 'delivered' });
  });

  test.each([
    [301, 'redirect'],
    [302, 'redirect'],
    [307, 'redirect'],
    [400, 'http_400'],
    [401, 'http_401'],
    [404, 'http_404'],
    [408, 'http_408'],
    [425, 'http_425'],
    [429, 'http_429'],
    [500, 'http_500'],
    [503, 'http_503'],
  ])('%i is a failure that is tried again', async (status, code) => {
    run.bench.publisher.answerStatus(status, { location: `${run.bench.publisher.url}/elsewhere` });
    const delivery = await attemptOnce();
    expect(delivery).toMatchObject({ status: 'failing', attempts: [{ code }] });
    expect(run.bench.publisher.requests.some(({ path }) => path === '/elsewhere')).toBe(false);
  });

  test('410 holds its deliveries until it is resumed', async () => {
    run.bench.publisher.answerStatus(410);
    const click = await run.accepted();
    await run.bench.work();
    const next = await run.accepted();
    await run.bench.work();
    expect(await deliveryOf(click)).toMatchObject({ status: 'held' });
    expect(await deliveryOf(next)).toMatchObject({ status: 'held' });
    await run.bench.pass(day);
    expect(await deliveryOf(click)).toMatchObject({ status: 'held', attempts: [{ code: 'http_410' }] });
    run.bench.publisher.answerStatus(200);
    await resume();
    await releaseAll();
    expect(await deliveryOf(click)).toMatchObject({ status: 'delivered' });
    expect(await deliveryOf(next)).toMatchObject({ status: 'delivered' });
  });

  test('410 again, after it was resumed: what was released waits for the next resume and does not go round', async () => {
    run.bench.publisher.answerStatus(410);
    const clicks = [await run.accepted(), await run.accepted(), await run.accepted()];
    await run.bench.work();
    await resume();
    await releaseAll();
    for (const click of clicks) expect(await deliveryOf(click)).toMatchObject({ status: 'held' });
    const before = JSON.stringify(await Promise.all(clicks.map(deliveryOf)));
    let messages = 0;
    for (let passed = 0; passed < hour; passed += minute) {
      run.bench.now += minute;
      await run.bench.sweep();
      messages += run.bench.queues.messages.length;
      await run.bench.work();
    }
    expect(messages).toBe(0);
    expect(JSON.stringify(await Promise.all(clicks.map(deliveryOf)))).toBe(before);
    run.bench.publisher.answerStatus(200);
    await resume();
    await releaseAll();
    for (const click of clicks) expect(await deliveryOf(click)).toMatchObject({ status: 'delivered' });
  });

  test.each([
    ['in the past', 'Thu, 01 Jan 1970 00:00:00 GMT', 5_000],
    ['negative', '-30', 5_000],
    ['nonsense', 'soon', 5_000],
    ['two hours, in seconds', '7200', 2 * hour],
    ['ten years', '315360000', day],
    ['a date in three hours', () => new Date(run.bench.now + 3 * hour).toUTCString(), 3 * hour],
  ])('Retry-After %s', async (_, header, atLeast) => {
    run.bench.publisher.answerStatus(503, { 'retry-after': typeof header === 'string' ? header : header() });
    const { next_attempt_at } = await attemptOnce();
    const waits = Date.parse(next_attempt_at ?? '') - run.bench.now;
    // Exact to the second, plus a jitter of at most a tenth.
    expect(waits).toBeGreaterThanOrEqual(atLeast - 1_000);
    expect(waits).toBeLessThanOrEqual(Math.min(atLeast * 1.1 + 1_000, Math.max(day, 5_500)));
  });
});

describe('how a publisher misbehaves', () => {
  const misbehaviours: readonly [string, string, () => void][] = [
    ['never answers', 'timeout', () => run.bench.publisher.answerWith(() => undefined)],
    [
      'drips its body',
      'timeout',
      () =>
        run.bench.publisher.answerWith((_, response) => {
          response.writeHead(200);
          const drip = setInterval(() => response.write('x'), 40);
          response.on('close', () => clearInterval(drip));
        }),
    ],
    ['never ends its body', 'timeout', () => run.bench.publisher.answerWith((_, response) => void response.writeHead(200).write('OK'))],
    ['resets the connection', 'reset', () => run.bench.publisher.answerWith((_, response) => void response.destroy())],
    [
      'breaks off in the middle',
      'incomplete_answer',
      () =>
        run.bench.publisher.answerWith((_, response) => {
          response.writeHead(200, { 'content-length': '100' });
          response.write('OK', () => response.destroy());
        }),
    ],
  ];

  test.each(misbehaviours)('it %s: the attempt fails, the conversion is paid, the next attempt comes', async (_, code, misbehave) => {
    misbehave();
    const click = await run.accepted();
    await run.bench.work();
    expect(await deliveryOf(click)).toMatchObject({ status: 'failing', attempts: [{ code }] });
    run.bench.publisher.answerStatus(200);
    await resume();
    await run.recover();
    expect(await deliveryOf(click)).toMatchObject({ status: 'delivered' });
  });

  test('it sends a gzip bomb: nothing is decompressed, and its 200 counts', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
    run.bench.publisher.answerWith((_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const before = process.memoryUsage.rss();
    const delivery = await attemptOnce();
    expect(delivery.status === 'delivered' || delivery.status === 'failing').toBe(true);
    expect(delivery.attempts[0]?.answer ?? '').toBe('');
    expect(process.memoryUsage.rss() - before).toBeLessThan(48 * 2 ** 20);
  });

  test('it never connects, or stalls its headers', async () => {
    const sockets = new Set<Socket>();
    const stalling: Server = createServer((socket) => {
      sockets.add(socket);
      socket.write('HTTP/1.1 200 OK\r\nX-Slow: ');
      socket.on('error', () => undefined);
    });
    const port = await listen(stalling as never, 0);
    const { publisher } = run.campaign;
    await putSetting(run.bench, 'publisher', publisher.publisher_id, { ...publisher, postback_url: `http://127.0.0.1:${port}/` });
    const click = await run.accepted();
    await run.bench.work();
    expect(await deliveryOf(click)).toMatchObject({ status: 'failing', attempts: [{ code: 'timeout' }] });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => stalling.close(resolve));
    await resume();
    await run.bench.pass(later);
    expect((await deliveryOf(click)).attempts.at(-1)).toMatchObject({ code: 'connect_refused' });
    await putSetting(run.bench, 'publisher', publisher.publisher_id, publisher);
    await resume();
    await run.bench.pass(hour);
    expect(await deliveryOf(click)).toMatchObject({ status: 'delivered' });
  });
});

test('every publisher above got its deliveries in the end, and everybody was paid once', async () => {
  await resume();
  await run.recover();
  for (let day = 0; day < 2; day += 1) await run.bench.pass(12 * hour, 2);
  const { records } = await run.conclude(
    'Publisher statuses, Retry-After, hanging, dripping, endless, broken off, gzip bomb, reset, refused',
    run.ledger.points.size,
  );
  expect(new Set(records.deliveries.map(({ row }) => row.status))).toEqual(new Set(['delivered']));
});

test(
  'a publisher that is down for four days loses nothing and is caught up after it returns',
  async () => {
    const many = size(240, 20);
    run.bench.publisher.answerWith((_, response) => void response.destroy());
    const clicks: string[] = [];
    const down = 4 * day;
    const started = run.bench.now;
    while (run.bench.now - started < down) {
      for (let made = 0; made < Math.ceil(many / 48); made += 1) clicks.push(await run.accepted());
      await run.bench.work();
      await run.bench.pass(size(2, 6) * hour, size(3, 1));
    }
    run.bench.publisher.answerStatus(200);
    const returned = run.bench.now;
    const open = async () =>
      (await readAll(run.bench.client, run.bench.names)).deliveries.filter(
        ({ row }) => row.status === 'scheduled' || row.status === 'failing' || row.status === 'held',
      );
    while ((await open()).length > 0 && run.bench.now - returned < 3 * day) await run.bench.pass(hour);
    const recoveryMs = run.bench.now - returned;
    // Ten attempts take about 76 hours. Deliveries that used them up are dead, and a resend delivers them.
    const { deliveries } = await readAll(run.bench.client, run.bench.names);
    const dead = deliveries.filter(({ row }) => row.status === 'dead');
    const resends = createResends(run.bench.client, run.bench.names.deliveries);
    for (const { row } of dead) expect(await resends.schedule(row, run.bench.now)).toBe(true);
    await run.bench.pass(2 * minute);
    await run.bench.pass(2 * minute);
    const told = new Set(run.bench.publisher.requests.map(({ query }) => query.get('click_id')));
    expect(clicks.filter((click) => !told.has(click))).toEqual([]);
    for (const { row } of (await readAll(run.bench.client, run.bench.names)).deliveries) expect(row.status).toBe('delivered');
    await run.conclude('Publisher down for four days, then back', clicks.length, {
      recoveryMs,
      note: `${dead.length} of ${clicks.length} had used up their attempts and were resent`,
    });
  },
  size(1_800_000, 600_000),
);

test('a publisher without a URL when a delivery is due: the points stay, and the delivery is no_url', async () => {
  const click = await run.accepted();
  await run.bench.settle(run.bench.queues.receive('conversions'));
  const { publisher } = run.campaign;
  await putSetting(run.bench, 'publisher', publisher.publisher_id, { ...publisher, postback_url: undefined });
  await run.bench.work();
  expect(await deliveryOf(click)).toMatchObject({ status: 'no_url' });
  await putSetting(run.bench, 'publisher', publisher.publisher_id, publisher);
  await run.conclude('Publisher without an address when it is to be told', 1);
});

test('a placement without a URL, while the URL of another placement of the same publisher fails: its deliveries are no_url at once', async () => {
  const { publisher, placement } = run.campaign;
  await putSetting(run.bench, 'publisher', publisher.publisher_id, { ...publisher, postback_url: undefined });
  await putSetting(run.bench, 'placement', placement.placement_id, { ...placement, postback_url: publisher.postback_url });
  run.bench.publisher.answerStatus(500);
  for (let made = 0; made < 6; made += 1) await run.accepted();
  await run.bench.work();
  await putSetting(run.bench, 'placement', placement.placement_id, placement);
  const click = await run.accepted();
  await run.bench.work();
  expect(await deliveryOf(click)).toMatchObject({ status: 'no_url', attempts: [] });
  await putSetting(run.bench, 'publisher', publisher.publisher_id, publisher);
  run.bench.publisher.answerStatus(200);
  await resume();
  await run.bench.pass(hour);
  await run.conclude('Placement without an address while another one of its publisher fails', 7);
});

test('a publisher whose row is missing: accepted conversions wait for it and are paid once it exists again', async () => {
  const { publisher } = run.campaign;
  const { client, names, queues } = run.bench;
  const settled = await run.accepted();
  await run.bench.settle(queues.receive('conversions'));
  await client.send(new DeleteCommand({ TableName: names.settings, Key: { pk: settingKey('publisher', publisher.publisher_id) } }));
  const waiting = await run.accepted();
  await run.recover();
  const { conversions } = await readAll(client, names);
  expect(conversions.find(({ click_id }) => click_id === waiting)).toMatchObject({ settlements: [] });
  expect(await deliveryOf(settled)).toMatchObject({ status: 'no_url' });
  await putSetting(run.bench, 'publisher', publisher.publisher_id, publisher);
  await run.bench.pass(hour);
  expect(await deliveryOf(waiting)).toMatchObject({ status: 'delivered' });
  await run.conclude('Publisher deleted while its conversions come in, and made again', 2);
});

async function releaseAll(): Promise<void> {
  const held = createHeldDeliveries(run.bench.client, run.bench.names.deliveries);
  await held.continueAt(run.campaign.publisher.publisher_id, run.bench.now);
  await run.bench.pass(minute);
  await run.bench.pass(3 * minute);
}
