import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { Campaign } from '../support/local-stack.ts';

/** Contract 1.5 over HTTP: postbacks that come at the same time have the same result as one after another. */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
});
afterAll(() => inbound.stop());

const atOnce = 10;

/** Does the same with so many clicks, each of a user of its own, some at a time. */
async function withClicks(own: Campaign, count: number, work: (click: string) => Promise<unknown>): Promise<void> {
  for (let made = 0; made < count; made += atOnce)
    await Promise.all(Array.from({ length: atOnce }, async (_, index) => work(await own.newClick(`user-${made + index}`))));
}

async function settledConversions(own: Campaign): Promise<{ click_id: string; status: string; points: string }[]> {
  return inbound.stack.eventually(async () => {
    const conversions = await inbound.conversions(own.partnerId);
    expect(conversions.filter(({ status, settled }) => status !== 'held' && !settled)).toEqual([]);
    return conversions;
  }, 60_000);
}

test('1: a reversal that races the approval of what was pending is never lost', async () => {
  const own = await inbound.stack.campaign();
  const send = (click: string, more: Record<string, string>) =>
    inbound.stack.postback(own.key, { click_id: click, payout: '5.00', ...more });
  await withClicks(own, 150, async (click) => {
    await send(click, { status: 'pending', transaction_id: 'T' });
    const answers = await Promise.all([
      send(click, { status: 'approved', transaction_id: 'T' }),
      send(click, { status: 'reversed', transaction_id: 'R1' }),
    ]);
    expect(answers.map(({ body }) => body.result)).toEqual(['accepted', 'accepted']);
    expect((await send(click, { status: 'reversed', transaction_id: 'R1' })).body.result).toBe('duplicate');
  });
  const conversions = await settledConversions(own);
  expect(conversions).toHaveLength(150);
  expect(conversions.filter(({ points }) => points !== '0.00')).toEqual([]);
}, 300_000);

test('two early reversals at once both count', async () => {
  const own = await inbound.stack.campaign();
  const send = (click: string, more: Record<string, string>) => inbound.stack.postback(own.key, { click_id: click, ...more });
  await withClicks(own, 20, async (click) => {
    await Promise.all([
      send(click, { status: 'reversed', payout: '1.00', transaction_id: 'R1' }),
      send(click, { status: 'reversed', payout: '2.00', transaction_id: 'R2' }),
    ]);
    await send(click, { payout: '5.00', transaction_id: 'T' });
  });
  const conversions = await settledConversions(own);
  expect(conversions.filter(({ points }) => points !== '1.60')).toEqual([]);
}, 120_000);

test('a reversal that a person sets aside while the approval comes is netted or not: the balance is one of the two', async () => {
  const own = await inbound.stack.campaign();
  const send = (click: string, more: Record<string, string>) =>
    inbound.stack.postback(own.key, { click_id: click, payout: '5.00', ...more });
  await withClicks(own, 20, async (click) => {
    await send(click, { status: 'reversed', transaction_id: 'R1' });
    const [aside] = await Promise.all([
      inbound.stack.admin('POST', `/conversions/${click}.complete/status`, { status: 'rejected', reason: 'not theirs' }),
      send(click, { transaction_id: 'T' }),
    ]);
    expect([200, 409]).toContain(aside.status);
  });
  const conversions = await settledConversions(own);
  for (const { status, points } of conversions)
    expect(['approved 4.00', 'reversed 0.00', 'rejected 0.00']).toContain(`${status} ${points}`);
}, 120_000);

test('4: two simultaneous postbacks without a click id never share a click', async () => {
  const own = await inbound.stack.campaign({ partner: { fallback_matching: 'latest' }, offer: { campaign_id: 'theirs' } });
  await own.newClick('second');
  const answers = await Promise.all(['5.00', '6.00'].map((payout) => inbound.stack.postback(own.key, { offer_id: 'theirs', payout })));
  expect(answers.map(({ body }) => body.result)).toEqual(['accepted', 'accepted']);
  const conversions = await settledConversions(own);
  expect(conversions.map(({ points }) => points).toSorted()).toEqual(['4.00', '4.80']);
});

test('many simultaneous transactions of one click are each paid once', async () => {
  const own = await inbound.stack.campaign({ offer: { repeat: 'per_transaction' } });
  const sent = Array.from({ length: 30 }, (_, index) => ({ click_id: own.clickId, payout: '1.00', transaction_id: `T${index % 10}` }));
  const answers = await Promise.all(sent.map((one) => inbound.stack.postback(own.key, one)));
  expect(answers.map(({ body }) => body.result).toSorted()).toEqual([...Array(10).fill('accepted'), ...Array(20).fill('duplicate')]);
  await settledConversions(own);
  expect(await inbound.balance(own)).toBe('8.00');
});
