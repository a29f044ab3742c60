import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AnyBody, LocalStack } from '../../support/local-stack.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.start();
});
afterAll(() => stack.stop());

/** API Gateway ends a path at a question mark, even an encoded one, so such an id is sent in the query. */
const path = (publisher: string, user: string) =>
  user.includes('?')
    ? `/publishers/${publisher}/users/-/points?user_id=${encodeURIComponent(user)}`
    : `/publishers/${publisher}/users/${encodeURIComponent(user)}/points`;

describe('GET /publishers/{publisher_id}/users/{user_id}/points', () => {
  test('answers with the balance and its entries, newest first', async () => {
    const campaign = await stack.campaign();
    const { log_id } = (await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5' })).body;
    const points = await stack.eventually(async () => {
      const answer = await stack.adminOk('GET', path(campaign.publisherId, campaign.userId));
      expect(answer.balance).toBe('4.00');
      return answer;
    });
    expect(points).toEqual({
      balance: '4.00',
      entries: [
        {
          entry_id: '1',
          points: '4.00',
          balance: '4.00',
          payout: '4.00',
          currency: 'USD',
          conversion_id: `${campaign.clickId}.complete`,
          log_id,
          status: 'approved',
          reason: null,
          at: expect.any(String),
        },
      ],
      next_cursor: null,
    });
  });

  test('pages through the entries, with the current balance on every page', async () => {
    const campaign = await stack.campaign();
    for (const payout of ['1', '2', '3']) {
      const click = await campaign.newClick();
      await stack.postback(campaign.key, { click_id: click, payout, transaction_id: payout });
    }
    const of = path(campaign.publisherId, campaign.userId);
    await stack.eventually(async () => expect((await stack.adminOk('GET', of)).balance).toBe('4.80'));
    const first = await stack.adminOk('GET', `${of}?limit=2`);
    const second = await stack.adminOk('GET', `${of}?limit=2&cursor=${first.next_cursor}`);
    expect(first.entries.map(({ entry_id }: AnyBody) => entry_id)).toEqual(['3', '2']);
    expect(second.entries.map(({ entry_id }: AnyBody) => entry_id)).toEqual(['1']);
    expect([first.balance, second.balance, second.next_cursor]).toEqual(['4.80', '4.80', null]);
  });

  test.each([['001234'], ['a b+c%2F'], ['ünïcødé✓'], ['a/b'], ['x#y?z&w']])('knows the user %j from any other', async (userId) => {
    const campaign = await stack.campaign({ userId });
    await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5' });
    await stack.eventually(async () => expect((await stack.adminOk('GET', path(campaign.publisherId, userId))).balance).toBe('4.00'));
    expect((await stack.adminOk('GET', path(campaign.publisherId, '1234'))).balance).toBe('0.00');
  });

  test('says that an unknown user has nothing, and that an unknown publisher does not exist', async () => {
    const campaign = await stack.campaign();
    expect(await stack.adminOk('GET', path(campaign.publisherId, 'nobody'))).toEqual({ balance: '0.00', entries: [], next_cursor: null });
    const unknown = await stack.admin('GET', path('nobody', 'nobody'));
    expect([unknown.status, unknown.body.code]).toEqual([404, 'publisher_not_found']);
    expect((await stack.admin('GET', `${path(campaign.publisherId, 'nobody')}?limit=500`)).body.code).toBe('invalid_limit');
  });
});
