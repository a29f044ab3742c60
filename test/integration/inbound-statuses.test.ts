import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { Campaign } from '../support/local-stack.ts';

/** Contract 1.5: status words, and how a conversion may change. */

let inbound: Inbound;
let campaign: Campaign;
beforeAll(async () => {
  inbound = await Inbound.start();
  campaign = await inbound.stack.campaign();
});
afterAll(() => inbound.stop());

const words = {
  approved: 'approved approve complete completed success successful confirmed credited pass paid qualified sale true 1',
  pending: 'pending hold on_hold review reviewing processing lead',
  rejected: 'rejected reject declined denied fail failed cancelled canceled disqualified dq screenout fraud false 0',
  reversed: 'reversed reversal chargeback refund refunded -1 -2',
};

describe.each(Object.entries(words))('%s is said', (status, all) => {
  test.each(all.split(' ').flatMap((word) => [word, word.toUpperCase()].filter((one, at) => at === 0 || one !== word)))(
    '%s',
    async (word) => {
      const { answer, log } = await inbound.send(campaign.key, {
        click_id: await campaign.newClick(`says ${word}`),
        payout: '5.00',
        status: word,
      });
      expect(answer.body).toMatchObject({ result: 'accepted' });
      expect(log.status).toBe(status);
    },
  );
});

test.each([
  ['status=test', { status: 'TEST' }],
  ['a click id that begins TEST-', { click_id: 'TEST-1' }],
])('%s: nothing is converted or credited', async (_what, parameters) => {
  const own = await inbound.stack.campaign();
  const { answer, log } = await inbound.send(own.key, { click_id: own.clickId, payout: '5.00', ...parameters });
  expect(answer).toMatchObject({ status: 200, body: { result: 'test' } });
  expect(log.result).toBe('test');
  expect(await inbound.conversions(own.partnerId)).toEqual([]);
  expect(await inbound.balance(own)).toBe('0.00');
});

test.each(['great', 'approved!', '2', 'appr0ved', 'aprobado', '-'])('%s is never guessed to be approved', async (word) => {
  const own = await inbound.stack.campaign();
  const { answer } = await inbound.send(own.key, { click_id: own.clickId, payout: '5.00', status: word });
  expect(answer).toMatchObject({ status: 200, body: { status: 'success', result: 'held', code: 'unknown_status' } });
  expect(await inbound.balance(own)).toBe('0.00');
});

describe("a partner's own words", () => {
  const partner = { status_mapping: { '7': 'approved', '1': 'rejected', Gut: 'approved', done: 'pending', probe: 'test' } };

  test.each([
    ['7', 'approved'],
    ['1', 'rejected'],
    ['gut', 'approved'],
    ['DONE', 'pending'],
    ['approved', 'approved'],
  ])('%s is %s', async (word, status) => {
    const own = await inbound.stack.campaign({ partner });
    const { log } = await inbound.send(own.key, { click_id: own.clickId, payout: '5.00', status: word });
    expect(log).toMatchObject({ result: 'accepted', status });
  });

  test('the word probe means a test', async () => {
    const own = await inbound.stack.campaign({ partner });
    expect((await inbound.send(own.key, { click_id: own.clickId, payout: '5.00', status: 'probe' })).answer.body.result).toBe('test');
  });
});

/**
 * A story: what the partner sends (status, payout, transaction, reason), and the result of each postback. `-` leaves a value out. Every
 * story is about one click at 80%.
 */
type Story = readonly [rule: string, sent: readonly string[], results: readonly string[], status: string, points: string];

const stories: readonly Story[] = [
  ['approval credits', ['approved 5.00 T'], ['accepted'], 'approved', '4.00'],
  ['pending credits nothing', ['pending 5.00 T'], ['accepted'], 'pending', '0.00'],
  ['rejection credits nothing', ['rejected 5.00 T'], ['accepted'], 'rejected', '0.00'],
  ['pending becomes approved', ['pending 5.00 T', 'approved 5.00 T'], ['accepted', 'accepted'], 'approved', '4.00'],
  ['pending becomes approved at another amount', ['pending 5.00 T', 'approved 6.00 T'], ['accepted', 'accepted'], 'approved', '4.80'],
  ['pending becomes rejected', ['pending 5.00 T', 'rejected 5.00 T'], ['accepted', 'accepted'], 'rejected', '0.00'],
  [
    'approved becomes rejected: what was credited is taken back',
    ['approved 5.00 T', 'rejected 5.00 T'],
    ['accepted', 'accepted'],
    'rejected',
    '0.00',
  ],
  ['approved becomes reversed', ['approved 5.00 T', 'reversed 5.00 T'], ['accepted', 'accepted'], 'reversed', '0.00'],
  ['a reversal needs no payout', ['approved 5.00 T', 'reversed - T'], ['accepted', 'accepted'], 'reversed', '0.00'],
  ['a reversal may carry a transaction of its own', ['approved 5.00 T', 'reversed 5.00 R'], ['accepted', 'accepted'], 'reversed', '0.00'],
  ['a reversal of zero takes everything', ['approved 5.00 T', 'reversed 0 R'], ['accepted', 'accepted'], 'reversed', '0.00'],
  ['a smaller reversal takes back that part', ['approved 5.00 T', 'reversed 2.00 R'], ['accepted', 'accepted'], 'reversed', '2.40'],
  [
    'a larger reversal takes back no more than there was',
    ['approved 5.00 T', 'reversed 9.00 R'],
    ['accepted', 'accepted'],
    'reversed',
    '0.00',
  ],
  ['rejected becomes approved', ['rejected 5.00 T', 'approved 5.00 T'], ['accepted', 'accepted'], 'approved', '4.00'],
  [
    'reversed becomes approved, by another transaction',
    ['approved 5.00 T', 'reversed 5.00 T', 'approved 5.00 U'],
    ['accepted', 'accepted', 'accepted'],
    'approved',
    '4.00',
  ],
  [
    'reversed does not become approved for another reason: a person decides',
    ['approved 5.00 T', 'reversed 5.00 T', 'approved 5.00 T appeal'],
    ['accepted', 'accepted', 'reapproval'],
    'reversed',
    '0.00',
  ],
  [
    'the same again is a duplicate',
    ['approved 5.00 T', 'approved 5.00 T', 'approved 5.00 T'],
    ['accepted', 'duplicate', 'duplicate'],
    'approved',
    '4.00',
  ],
  [
    'the same amount written otherwise is the same',
    ['approved 5.00 T', 'approved 5 T', 'approved 5.0 T'],
    ['accepted', 'duplicate', 'duplicate'],
    'approved',
    '4.00',
  ],
  [
    'the same again is a duplicate also after its reversal',
    ['approved 5.00 T', 'reversed 5.00 T', 'approved 5.00 T'],
    ['accepted', 'accepted', 'duplicate'],
    'reversed',
    '0.00',
  ],
  [
    'a reversal again is a duplicate, also after a re-approval',
    ['approved 5.00 T', 'reversed 5.00 T', 'approved 5.00 U', 'reversed 5.00 T'],
    ['accepted', 'accepted', 'accepted', 'duplicate'],
    'approved',
    '4.00',
  ],
  ['another amount is held', ['approved 5.00 T', 'approved 50.00 T'], ['accepted', 'conflict'], 'approved', '4.00'],
  ['another transaction is held', ['approved 5.00 T', 'approved 5.00 U'], ['accepted', 'conflict'], 'approved', '4.00'],
  ['another pending amount is held', ['pending 5.00 T', 'pending 6.00 T'], ['accepted', 'conflict'], 'pending', '0.00'],
  ['a generated transaction never conflicts', ['approved 5.00 T', 'approved 5.00 -'], ['accepted', 'duplicate'], 'approved', '4.00'],
  ['nor does a transaction after a generated one', ['approved 5.00 -', 'approved 5.00 T'], ['accepted', 'duplicate'], 'approved', '4.00'],
  ['approved does not become pending', ['approved 5.00 T', 'pending 5.00 T'], ['accepted', 'conflict'], 'approved', '4.00'],
  ['pending becomes reversed', ['pending 5.00 T', 'reversed 5.00 T'], ['accepted', 'accepted'], 'reversed', '0.00'],
  ['rejected becomes reversed', ['rejected 5.00 T', 'reversed 5.00 T'], ['accepted', 'accepted'], 'reversed', '0.00'],
  [
    'parts that add up to the whole leave nothing',
    ['approved 5.00 T', 'reversed 2.00 R', 'reversed 2.00 S', 'reversed 1.00 U'],
    ['accepted', 'accepted', 'accepted', 'accepted'],
    'reversed',
    '0.00',
  ],
  [
    'a reversal of the same id with another amount is held',
    ['approved 5.00 T', 'reversed 2.00 R', 'reversed 3.00 R'],
    ['accepted', 'accepted', 'conflict'],
    'reversed',
    '2.40',
  ],
  [
    'a reversal first, then its original: nets to zero',
    ['reversed 5.00 T', 'approved 5.00 T'],
    ['accepted', 'accepted'],
    'reversed',
    '0.00',
  ],
  ['a reversal first, with a transaction of its own', ['reversed - R', 'approved 5.00 T'], ['accepted', 'accepted'], 'reversed', '0.00'],
  ['a partial reversal first leaves the rest', ['reversed 2.00 R', 'approved 5.00 T'], ['accepted', 'accepted'], 'reversed', '2.40'],
  [
    'a reversal between pending and approval nets to zero',
    ['pending 5.00 T', 'reversed 5.00 R', 'approved 5.00 T'],
    ['accepted', 'accepted', 'accepted'],
    'reversed',
    '0.00',
  ],
  [
    'after a reversal that came first, a new approval pays',
    ['reversed 5.00 R', 'approved 5.00 T', 'approved 5.00 U'],
    ['accepted', 'accepted', 'accepted'],
    'approved',
    '4.00',
  ],
  [
    'a conflict again is a duplicate',
    ['approved 5.00 T', 'approved 6.00 T', 'approved 6.00 T'],
    ['accepted', 'conflict', 'duplicate'],
    'approved',
    '4.00',
  ],
];

describe('a conversion', () => {
  test.each(stories)('%s', async (_rule, sent, results, status, points) => {
    const own = { ...campaign, userId: `user-${Math.random().toString(36).slice(2)}` };
    const clickId = await campaign.newClick(own.userId);
    const heard: string[] = [];
    for (const one of sent) {
      const [said = '', payout = '-', transaction = '-', reason = '-'] = one.split(' ');
      const parameters = Object.entries({ click_id: clickId, status: said, payout, transaction_id: transaction, reason }).filter(
        ([, value]) => value !== '-',
      );
      const { body } = await inbound.stack.postback(campaign.key, Object.fromEntries(parameters));
      heard.push(body.result === 'held' ? body.code : body.result);
    }
    expect(heard).toEqual(results);
    expect(await inbound.balance(own)).toBe(points);
    const conversion = await inbound.conversion(`${clickId}.complete`);
    expect(conversion).toMatchObject({ status, points });
  });
});

test('a reversal takes back exactly what was credited, even if the offer pays differently by now', async () => {
  const own = await inbound.stack.campaign({ offer: { revenue_share_percent: 15 }, placement: { exchange_rate: '3' } });
  await inbound.send(own.key, { click_id: own.clickId, payout: '47.33', transaction_id: 'T' });
  expect(await inbound.balance(own)).toBe('21.30');
  await inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, { revenue_share_percent: 90 });
  await inbound.stack.adminOk('PATCH', `/placements/${own.placementId}`, { exchange_rate: '7' });
  await inbound.send(own.key, { click_id: own.clickId, payout: '47.33', transaction_id: 'T', status: 'chargeback' });
  expect(await inbound.balance(own)).toBe('0.00');
});

test('the entries of the ledger explain a balance', async () => {
  const own = await inbound.stack.campaign();
  const first = await inbound.send(own.key, { click_id: own.clickId, payout: '5.00', transaction_id: 'T' });
  await inbound.balance(own);
  const second = await inbound.send(own.key, { click_id: own.clickId, transaction_id: 'T', status: 'chargeback', reason: 'fraud' });
  await inbound.balance(own);
  const { entries } = await inbound.stack.points(own.publisherId, own.userId);
  expect(entries).toMatchObject([
    { points: '-4.00', status: 'reversed', reason: 'fraud', log_id: second.log.log_id },
    { points: '4.00', status: 'approved', log_id: first.log.log_id },
  ]);
});

test("one partner's transaction does not affect another's with the same id", async () => {
  const [one, two] = [await inbound.stack.campaign(), await inbound.stack.campaign()];
  for (const own of [one, two]) await inbound.send(own.key, { click_id: own.clickId, payout: '5.00', transaction_id: 'SAME' });
  expect([await inbound.balance(one), await inbound.balance(two)]).toEqual(['4.00', '4.00']);
});

test('the same postback twenty times at once is credited once', async () => {
  const own = await inbound.stack.campaign();
  const sent = { click_id: own.clickId, payout: '5.00', transaction_id: 'T' };
  const results = await Promise.all(Array.from({ length: 20 }, async () => (await inbound.stack.postback(own.key, sent)).body.result));
  expect(results.sort()).toEqual(['accepted', ...Array.from({ length: 19 }, () => 'duplicate')]);
  expect(await inbound.balance(own)).toBe('4.00');
});

describe('a reversal of what is pending', () => {
  async function early(): Promise<Campaign> {
    const own = await inbound.stack.campaign();
    await inbound.send(own.key, { click_id: own.clickId, payout: '10.00', status: 'pending', transaction_id: 'T' });
    const { answer } = await inbound.send(own.key, { click_id: own.clickId, payout: '10.00', status: 'reversed' });
    expect(answer.body).toMatchObject({ result: 'accepted' });
    return own;
  }
  const approve = (own: Campaign) =>
    inbound.send(own.key, { click_id: own.clickId, payout: '10.00', status: 'approved', transaction_id: 'T' });
  const heardBy = (own: Campaign) =>
    inbound.stack.publisher.requests
      .filter(({ query }) => query.get('click_id') === own.clickId)
      .map(({ query }) => `${query.get('status')} ${query.get('points')}`);

  test('leaves nothing of the approval when that comes, and nothing is held', async () => {
    const own = await early();
    expect((await approve(own)).answer.body).toMatchObject({ result: 'accepted' });
    expect(await inbound.balance(own)).toBe('0.00');
    await inbound.stack.eventually(() => expect(heardBy(own).toSorted()).toEqual(['pending 8.00', 'reversed 0.00']));
    expect((await inbound.conversions(own.partnerId)).map(({ status }) => status)).toEqual(['reversed']);
  });

  test('that was set aside by a person is forgotten', async () => {
    const own = await early();
    const aside = { status: 'rejected', reason: 'not theirs to take back' };
    expect((await inbound.stack.admin('POST', `/conversions/${own.clickId}.complete/status`, aside)).status).toBe(200);
    await approve(own);
    await inbound.stack.eventually(async () => expect((await inbound.stack.points(own.publisherId, own.userId)).balance).toBe('8.00'));
  });
});

test("a held postback keeps the partner's ids of its transaction and conversion", async () => {
  const own = await inbound.stack.campaign();
  await inbound.send(own.key, { click_id: own.clickId, status: 'nobody-knows', transaction_id: 'TX-9', conversion_id: 'PC-1' });
  expect(await inbound.conversions(own.partnerId)).toMatchObject([{ transaction_id: 'TX-9', partner_conversion_id: 'PC-1' }]);
});
