import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { Campaign } from '../support/local-stack.ts';
import { storeClick } from '../support/tables.ts';

/** Contract 1.4: which click a postback means. */

let inbound: Inbound;
let campaign: Campaign;
beforeAll(async () => {
  inbound = await Inbound.start();
  campaign = await inbound.stack.campaign({ offer: { campaign_id: 'their-offer' } });
});
afterAll(() => inbound.stop());

/** A click on the campaign's offer, some time ago. */
async function oldClick(of: Campaign, { ago, userId = of.userId, id }: { ago: number; userId?: string; id: string }): Promise<string> {
  await storeClick(inbound.stack, {
    click_id: id,
    offer_id: of.offerId,
    partner_id: of.partnerId,
    publisher_id: of.publisherId,
    placement_id: of.placementId,
    user_id: userId,
    clicked_at: new Date(Date.now() - ago).toISOString(),
  });
  return id;
}
const minute = 60_000;
const day = 24 * 60 * minute;

describe('by click_id', () => {
  test('a click stored just now is found', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { answer } = await inbound.send(campaign.key, { click_id: await campaign.newClick(), payout: '5.00' });
      expect(answer.body.result).toBe('accepted');
    }
  });

  test.each([
    ['nobody made', 'CLK-NOBODY'],
    ['longer than any id', 'C'.repeat(2_000)],
    ['that is a conversion', 'CLK-1.complete'],
  ])('an id %s is click_not_found', async (_what, id) => {
    const { answer, log } = await inbound.send(campaign.key, { click_id: id, payout: '5.00' });
    expect(answer).toMatchObject({ status: 404, body: { status: 'error', code: 'click_not_found', message: 'Click not found' } });
    expect(log).toMatchObject({ result: 'error', code: 'click_not_found', flags: [] });
  });

  test('an id in another letter case is found', async () => {
    const click = await campaign.newClick();
    const { answer, log } = await inbound.send(campaign.key, { click_id: click.toLowerCase(), payout: '5.00' });
    expect(answer.body).toMatchObject({ result: 'accepted' });
    expect(log.click_id).toBe(click);
  });

  test("another partner's click is click_not_found to the caller; the log knows better", async () => {
    const other = await inbound.stack.campaign();
    const { answer, log } = await inbound.send(campaign.key, { click_id: other.clickId, payout: '5.00' });
    expect(answer).toMatchObject({ status: 404, body: { code: 'click_not_found', message: 'Click not found' } });
    expect(log.flags).toEqual(['click_of_other_partner']);
    expect(await inbound.balance(other)).toBe('0.00');
  });

  test.each([
    ["the partner's own offer id", { offer_id: 'their-offer' }, []],
    ['our offer id', { offer_id: 'OURS' }, []],
    ['the survey id', { survey_id: 'their-offer' }, []],
    ['another offer id', { offer_id: 'another' }, ['offer_mismatch']],
    ['another survey id', { survey_id: 'another' }, ['offer_mismatch']],
  ])('%s beside the click: the click decides', async (_what, sent, flags) => {
    const named = Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, value === 'OURS' ? campaign.offerId : value]));
    const { answer, log } = await inbound.send(campaign.key, { click_id: await campaign.newClick(), payout: '5.00', ...named });
    expect(answer.body.result).toBe('accepted');
    expect(log).toMatchObject({ offer_id: campaign.offerId, flags });
  });

  test('users 001234 and 1234 are different users', async () => {
    await inbound.send(campaign.key, { click_id: await campaign.newClick('001234'), payout: '5.00' });
    await inbound.send(campaign.key, { click_id: await campaign.newClick('1234'), payout: '10.00' });
    expect(await inbound.balance({ ...campaign, userId: '001234' })).toBe('4.00');
    expect(await inbound.balance({ ...campaign, userId: '1234' })).toBe('8.00');
  });
});

describe('the conversion window', () => {
  test.each([
    ['inside the default 30 days', {}, 29.9, 'accepted', null],
    ['after the default 30 days', {}, 30.1, 'held', 'outside_window'],
    ["inside the offer's own window", { conversion_window_days: 2 }, 1.9, 'accepted', null],
    ["after the offer's own window", { conversion_window_days: 2 }, 2.1, 'held', 'outside_window'],
  ])('a click %s', async (what, offer, days, result, code) => {
    const own = await inbound.stack.campaign({ offer });
    const clickId = await oldClick(own, { ago: days * day, id: `CLK-WINDOW-${what.length}-${days}` });
    const { answer } = await inbound.send(own.key, { click_id: clickId, payout: '5.00' });
    expect(answer).toMatchObject({ status: 200, body: { status: 'success', result, code } });
    expect(await inbound.balance(own)).toBe(result === 'accepted' ? '4.00' : '0.00');
  });

  test('does not exclude the reversal of what converted in time', async () => {
    const own = await inbound.stack.campaign({ offer: { conversion_window_days: 2 } });
    const clickId = await oldClick(own, { ago: 1.9 * day, id: 'CLK-IN-TIME' });
    await inbound.send(own.key, { click_id: clickId, payout: '5.00', transaction_id: 'T' });
    await inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, { conversion_window_days: 1 });
    const { answer } = await inbound.send(own.key, { click_id: clickId, payout: '5.00', transaction_id: 'T', status: 'reversed' });
    expect(answer.body).toMatchObject({ result: 'accepted' });
    expect(await inbound.balance(own)).toBe('0.00');
  });
});

describe('after the conversion window a click that has converted earns on', () => {
  test('by a goal of its offer, and one that has not converted does not', async () => {
    const own = await inbound.stack.campaign({ offer: { conversion_window_days: 2, goals: [{ event: 'upsell', payout: '1.00' }] } });
    const [early, late] = [
      await oldClick(own, { ago: 1.9 * day, id: 'CLK-EARNS-ON' }),
      await oldClick(own, { ago: 3 * day, id: 'CLK-LATE' }),
    ];
    await inbound.send(own.key, { click_id: early, payout: '5.00' });
    await inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, { conversion_window_days: 1 });
    const upsell = async (click_id: string) => (await inbound.send(own.key, { click_id, payout: '5.00', event: 'upsell' })).answer.body;
    expect(await upsell(early)).toMatchObject({ result: 'accepted', code: null });
    expect(await upsell(late)).toMatchObject({ result: 'held', code: 'outside_window' });
  });

  test('by another transaction, such as a renewal', async () => {
    const own = await inbound.stack.campaign({ offer: { conversion_window_days: 2, repeat: 'per_transaction' } });
    const clickId = await oldClick(own, { ago: 1.9 * day, id: 'CLK-RENEWED' });
    const paid = async (transaction_id: string) =>
      (await inbound.send(own.key, { click_id: clickId, payout: '5.00', transaction_id })).answer.body;
    expect(await paid('T1')).toMatchObject({ result: 'accepted' });
    await inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, { conversion_window_days: 1 });
    expect(await paid('T2')).toMatchObject({ result: 'accepted', code: null });
    expect(await inbound.balance(own)).toBe('8.00');
  });

  test('but not by what came first as a chargeback alone', async () => {
    const own = await inbound.stack.campaign({ offer: { conversion_window_days: 2, repeat: 'per_transaction' } });
    const clickId = await oldClick(own, { ago: 1.9 * day, id: 'CLK-ONLY-REVERSED' });
    await inbound.send(own.key, { click_id: clickId, payout: '5.00', transaction_id: 'T1', status: 'reversed' });
    await inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, { conversion_window_days: 1 });
    const { answer } = await inbound.send(own.key, { click_id: clickId, payout: '5.00', transaction_id: 'T2' });
    expect(answer.body).toMatchObject({ result: 'held', code: 'outside_window' });
  });
});

describe('without a click id', () => {
  const fresh = (partner: object = {}, offer: object = {}) =>
    inbound.stack.campaign({ partner, offer: { campaign_id: 'their-offer', ...offer } });
  const sent = { offer_id: 'their-offer', payout: '5.00' };

  test('the only unconverted click of the offer in the last hour is meant, with a warning in the log', async () => {
    const own = await fresh();
    const { answer, log } = await inbound.send(own.key, sent);
    expect(answer.body).toMatchObject({ result: 'accepted' });
    expect(log).toMatchObject({ click_id: own.clickId, flags: ['recent_offer'] });
    expect(await inbound.conversion(log.conversion_id)).toMatchObject({ matched_by: 'recent_offer' });
    expect(await inbound.balance(own)).toBe('4.00');
  });

  test.each(['survey_id', 'oid', 'campaign_id'])('the offer may be named by %s', async (name) => {
    const own = await fresh();
    expect((await inbound.send(own.key, { [name]: 'their-offer', payout: '5.00' })).answer.body.result).toBe('accepted');
  });

  test('our own offer id is accepted too', async () => {
    const own = await fresh();
    expect((await inbound.send(own.key, { offer_id: own.offerId, payout: '5.00' })).answer.body.result).toBe('accepted');
  });

  test('several candidates are held, and nobody is paid', async () => {
    const own = await fresh();
    await own.newClick('second');
    const { answer } = await inbound.send(own.key, sent);
    expect(answer).toMatchObject({ status: 200, body: { result: 'held', code: 'several_candidates' } });
    expect(await inbound.balance(own)).toBe('0.00');
    expect(await inbound.balance({ ...own, userId: 'second' })).toBe('0.00');
    expect(await inbound.conversions(own.partnerId)).toMatchObject([{ status: 'held', code: 'several_candidates', user_id: null }]);
  });

  test('a click that has converted is no candidate any more', async () => {
    const own = await fresh();
    await inbound.send(own.key, { click_id: own.clickId, payout: '5.00' });
    await own.newClick('second');
    const { log } = await inbound.send(own.key, sent);
    expect(log).toMatchObject({ result: 'accepted', flags: ['recent_offer'] });
    expect(await inbound.balance({ ...own, userId: 'second' })).toBe('4.00');
  });

  test('a click of more than an hour ago is no candidate', async () => {
    const own = await fresh();
    await inbound.send(own.key, { click_id: own.clickId, payout: '1.00' });
    await oldClick(own, { ago: 61 * minute, id: 'CLK-61-MINUTES' });
    expect((await inbound.send(own.key, sent)).answer.body).toMatchObject({ code: 'missing_click_id' });
    await oldClick(own, { ago: 59 * minute, id: 'CLK-59-MINUTES', userId: 'recent' });
    expect((await inbound.send(own.key, sent)).log).toMatchObject({ result: 'accepted', click_id: 'CLK-59-MINUTES' });
  });

  test("another partner's offer with the same name is not matched", async () => {
    const other = await fresh();
    const own = await inbound.stack.campaign();
    const { answer } = await inbound.send(own.key, { offer_id: 'their-offer', payout: '5.00' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'missing_click_id', message: 'click_id required' } });
    expect(await inbound.balance(other)).toBe('0.00');
  });

  test('latest: the newest of several wins', async () => {
    const own = await fresh({ fallback_matching: 'latest' });
    const newest = await own.newClick('newest');
    const { log } = await inbound.send(own.key, sent);
    expect(log).toMatchObject({ result: 'accepted', click_id: newest, flags: ['latest_click'] });
    expect(await inbound.conversion(log.conversion_id)).toMatchObject({ matched_by: 'latest_click' });
    expect(await inbound.balance({ ...own, userId: 'newest' })).toBe('4.00');
    expect(await inbound.balance(own)).toBe('0.00');
  });

  test('off: never matches', async () => {
    const own = await fresh({ fallback_matching: 'off' });
    expect((await inbound.send(own.key, sent)).answer).toMatchObject({ status: 400, body: { code: 'missing_click_id' } });
  });

  test.each([
    ['no offer id', { payout: '5.00' }],
    ['an offer that nobody knows', { payout: '5.00', offer_id: 'nobody' }],
    ['nothing that we know', { note: 'x' }],
  ])('%s: missing_click_id', async (_what, parameters: Record<string, string>) => {
    const { answer, log } = await inbound.send((await fresh()).key, parameters);
    expect(answer).toMatchObject({ status: 400, body: { status: 'error', code: 'missing_click_id', message: 'click_id required' } });
    expect(log).toMatchObject({ result: 'error', code: 'missing_click_id' });
  });

  test('a macro in place of the click id does not count as "no click id"', async () => {
    const own = await fresh();
    expect((await inbound.send(own.key, { ...sent, click_id: '{click_id}' })).answer.body).toMatchObject({ code: 'unreplaced_macro' });
    expect(await inbound.balance(own)).toBe('0.00');
  });

  test('the same postback again does not find the next click', async () => {
    const own = await fresh();
    await inbound.send(own.key, { ...sent, transaction_id: 'T' });
    await own.newClick('second');
    expect((await inbound.send(own.key, { ...sent, transaction_id: 'T' })).answer.body).toMatchObject({ result: 'duplicate' });
    expect(await inbound.balance(own)).toBe('4.00');
    expect(await inbound.balance({ ...own, userId: 'second' })).toBe('0.00');
  });
});

describe('what comes later of a transaction that was matched without a click id', () => {
  const sent = { offer_id: 'their-offer', payout: '5.00', transaction_id: 'T' };
  async function matched(first: object = {}): Promise<Campaign> {
    const own = await inbound.stack.campaign({ offer: { campaign_id: 'their-offer' } });
    expect((await inbound.send(own.key, { ...sent, ...first })).answer.body).toMatchObject({ result: 'accepted' });
    return own;
  }

  test('is about the same click: the approval of what was pending', async () => {
    const own = await matched({ status: 'pending' });
    await own.newClick('second');
    const { answer, log } = await inbound.send(own.key, { ...sent, status: 'approved' });
    expect(answer.body).toMatchObject({ result: 'accepted' });
    expect(log).toMatchObject({ click_id: own.clickId, flags: ['recent_offer'] });
    expect(await inbound.balance(own)).toBe('4.00');
    expect(await inbound.balance({ ...own, userId: 'second' })).toBe('0.00');
  });

  test('is about the same click: its reversal, also when it names no offer', async () => {
    const own = await matched();
    await own.newClick('second');
    const { answer, log } = await inbound.send(own.key, { status: 'reversed', transaction_id: 'T' });
    expect(answer.body).toMatchObject({ result: 'accepted' });
    expect(log.click_id).toBe(own.clickId);
    expect(await inbound.balance(own)).toBe('0.00');
    expect(await inbound.balance({ ...own, userId: 'second' })).toBe('0.00');
  });

  test('a repetition with one more parameter is a duplicate, and finds nobody else', async () => {
    const own = await matched();
    await own.newClick('second');
    expect((await inbound.send(own.key, { ...sent, attempt: '2' })).answer.body).toMatchObject({ result: 'duplicate' });
    expect(await inbound.balance({ ...own, userId: 'second' })).toBe('0.00');
  });

  test('another transaction is about another click', async () => {
    const own = await matched();
    const second = await own.newClick('second');
    const { log } = await inbound.send(own.key, { ...sent, transaction_id: 'U' });
    expect(log).toMatchObject({ result: 'accepted', click_id: second });
  });

  test("a reversal of an unknown transaction takes nobody's click", async () => {
    const own = await inbound.stack.campaign({ offer: { campaign_id: 'their-offer' } });
    const { answer } = await inbound.send(own.key, { ...sent, status: 'reversed' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'missing_click_id' } });
    expect((await inbound.send(own.key, { ...sent, transaction_id: 'V' })).answer.body).toMatchObject({ result: 'accepted' });
    expect(await inbound.balance(own)).toBe('4.00');
  });

  test('a survey that ended early is logged, even if several users could be meant', async () => {
    const own = await inbound.stack.campaign({ offer: { campaign_id: 'their-offer' } });
    await own.newClick('second');
    const { answer } = await inbound.send(own.key, { offer_id: 'their-offer' }, { event: 'terminate' });
    expect(answer.body).toMatchObject({ result: 'logged' });
  });
});

test('a click converts once per event', async () => {
  const own = await inbound.stack.campaign({ offer: { goals: [{ event: 'signup', payout: '1.50' }] } });
  for (const [event, transaction] of [
    ['complete', 'A'],
    ['complete', 'B'],
    ['signup', 'A'],
    ['signup', 'C'],
  ] as const) {
    await inbound.send(own.key, { click_id: own.clickId, payout: '5.00', event, transaction_id: transaction });
  }
  const conversions = await inbound.conversions(own.partnerId);
  expect(
    conversions
      .filter(({ status }) => status === 'approved')
      .map(({ event }) => event)
      .sort(),
  ).toEqual(['complete', 'signup']);
  expect(conversions.filter(({ status }) => status === 'held').map(({ code }) => code)).toEqual(['conflict', 'conflict']);
  expect(await inbound.balance(own)).toBe('5.50');
});
