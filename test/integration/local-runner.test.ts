import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LocalStack } from '../support/local-stack.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.start();
}, 120_000);
afterAll(() => stack.stop());

describe('the system on one machine', () => {
  test('takes a postback from the partner to the points and the publisher', async () => {
    const { key, clickId, publisherId, userId } = await stack.campaign();
    const answer = await stack.postback(key, { click_id: clickId, payout: '5.00', transaction_id: 'T1' });
    expect([answer.status, answer.body.result]).toEqual([200, 'accepted']);
    await stack.eventually(async () => expect(await stack.points(publisherId, userId)).toMatchObject({ balance: '4.00' }));
    await stack.eventually(() => {
      const told = stack.publisher.requests.filter(({ query }) => query.get('click_id') === clickId);
      expect(told.map(({ query }) => query.get('points'))).toEqual(['4.00']);
    });
  });

  test('restarts a function that died, and loses nothing that it had accepted', async () => {
    const { key, clickId, publisherId, userId } = await stack.campaign();
    const { status } = await stack.postback(key, { click_id: clickId, payout: '1.00' });
    await stack.system.kill('processor');
    await stack.system.kill('receiver');
    expect(status).toBe(200);
    expect((await stack.request('/health')).status).toBe(200);
    await stack.eventually(async () => expect(await stack.points(publisherId, userId)).toMatchObject({ balance: '0.80' }), 40_000);
  }, 60_000);

  test('runs the sweeper on demand', async () => {
    await expect(stack.system.invoke('sweeper', {})).resolves.not.toThrow();
  });

  test('writes no key and no token into any log', async () => {
    const { key, clickId } = await stack.campaign();
    await stack.postback(key, { click_id: clickId, payout: 'not a number' });
    const logs = ['receiver', 'processor', 'admin', 'authorizer', 'tracker', 'sweeper']
      .flatMap((name) => stack.system.log(name))
      .join('\n');
    expect(logs).not.toContain(key);
    expect(logs).not.toContain(stack.system.adminToken);
  });
});

test.each(['t', 'secret', 'a=b/c+d.~'])(
  '%s will do for an ADMIN_TOKEN',
  async (adminToken) => {
    const other = await LocalStack.startOwn({ adminToken });
    try {
      expect((await other.admin('GET', '/partners', undefined, adminToken)).status).toBe(200);
      expect((await other.admin('GET', '/partners', undefined, `${adminToken}x`)).status).toBe(401);
    } finally {
      await other.stop();
    }
  },
  60_000,
);
