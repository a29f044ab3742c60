import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  answerTo,
  type HostileCall,
  hostileAdminCall,
  hostileClick,
  hostileFile,
  hostilePostback,
  hostileToken,
} from '../../fuzz/hostile-calls.ts';
import { type HostileWorld, hostileWorld } from '../../fuzz/hostile-world.ts';
import { LocalStack } from '../../support/local-stack.ts';

/**
 * Contract 1.7: nothing that somebody sends is answered by 5xx, and a 4xx of the admin API says what was wrong. `npm run test:fuzz` sends
 * more.
 */

let stack: LocalStack;
let world: HostileWorld;
beforeAll(async () => {
  stack = await LocalStack.startOwn({ environment: { RATE_PER_KEY: '1000000', RATE_PER_UNKNOWN_ADDRESS: '1000000' } });
  world = await hostileWorld(stack);
});
afterAll(() => stack.stop());

/** How often each status was answered. If every request were refused, the test would show nothing. */
const answered = new Map<number, number>();
beforeEach(() => answered.clear());

async function sendAll(calls: fc.Arbitrary<HostileCall>, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(calls, async (call) => {
      const { status } = await answerTo(stack, call);
      answered.set(status, (answered.get(status) ?? 0) + 1);
    }),
    { seed: 20_261_126, endOnFailure: true, numRuns },
  );
}

const seldom = (...statuses: number[]) => statuses.filter((status) => (answered.get(status) ?? 0) < 5);

test('any header, parameter, event, key and body of a postback', async () => {
  await sendAll(hostilePostback(world.campaign), 150);
  expect(seldom(200, 400, 404)).toEqual([]);
});

test('any offer, parameter and header of a tracking link', async () => {
  await sendAll(hostileClick(world.campaign), 80);
  expect(seldom(302, 400, 404)).toEqual([]);
});

test('any path id, cursor, date, filter and body of the admin API', async () => {
  await sendAll(hostileAdminCall(world), 400);
  expect(seldom(200, 201, 400, 403, 404)).toEqual([]);
}, 180_000);

test('any text as a file to import', async () => {
  await sendAll(hostileFile(world.campaign), 40);
  expect(seldom(200, 400)).toEqual([]);
});

test('any text as a token is nobody', async () => {
  await sendAll(hostileToken, 40);
});
