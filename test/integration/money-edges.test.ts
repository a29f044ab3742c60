import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { Campaign } from '../support/local-stack.ts';
import { settleNow } from '../support/settle-now.ts';
import { storeClick } from '../support/tables.ts';

/**
 * Edge cases of contract 1.4, 1.5 and 2: very many clicks, things that are created again or do not exist yet, and what a person confirms.
 */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
}, 120_000);
afterAll(() => inbound.stop());

const send = async (own: Campaign, parameters: Record<string, string>): Promise<string> => {
  const { body } = await inbound.stack.postback(own.key, parameters);
  return body.result === 'held' ? body.code : (body.result ?? body.code);
};

/** A click on the campaign's offer with an id of its own, some seconds ago. */
async function clickOf(own: Campaign, id: string, more: { ago?: number; userId?: string; placementId?: string } = {}): Promise<string> {
  const { ago = 0, userId = id, placementId = own.placementId } = more;
  await storeClick(inbound.stack, {
    click_id: id,
    offer_id: own.offerId,
    partner_id: own.partnerId,
    publisher_id: own.publisherId,
    placement_id: placementId,
    user_id: userId,
    clicked_at: new Date(Date.now() - ago * 1_000).toISOString(),
  });
  return id;
}

test('4: unique looks at all clicks of the hour: 131 candidates are held, and the only one that has not converted is matched', async () => {
  const own = await inbound.stack.campaign({ offer: { campaign_id: 'theirs' } });
  const clicks = await Promise.all(Array.from({ length: 130 }, (_, index) => clickOf(own, `CLK-MANY${index}`, { ago: 3_000 - index })));
  expect(await send(own, { offer_id: 'theirs', payout: '5.00', transaction_id: 'FIRST' })).toBe('several_candidates');
  const [oldest = '', ...others] = clicks;
  const queue = [own.clickId, ...others];
  const lane = async (): Promise<void> => {
    for (let click_id = queue.pop(); click_id !== undefined; click_id = queue.pop())
      expect(await send(own, { click_id, payout: '1.00', transaction_id: click_id })).toBe('accepted');
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  const { answer, log } = await inbound.send(own.key, { offer_id: 'theirs', payout: '5.00', transaction_id: 'SECOND' });
  expect(answer.body.result).toBe('accepted');
  expect(log).toMatchObject({ click_id: oldest, flags: ['recent_offer'] });
}, 120_000);

test('12: an offer that is created again under another partner leaves earlier clicks to their own partner', async () => {
  const own = await inbound.stack.campaign();
  const other = await inbound.stack.campaign();
  expect(await send(own, { click_id: own.clickId, payout: '5.00', transaction_id: 'T' })).toBe('accepted');
  expect(await inbound.balance(own)).toBe('4.00');
  await inbound.stack.adminOk('DELETE', `/offers/${own.offerId}`);
  await inbound.stack.adminOk('POST', '/offers', {
    offer_id: own.offerId,
    partner_id: other.partnerId,
    name: 'Remade',
    target_url: 'https://example.com/',
    revenue_share_percent: 80,
  });
  const reversal = { click_id: own.clickId, status: 'reversed', transaction_id: 'T' };
  const { answer, log } = await inbound.send(other.key, reversal);
  expect(answer).toMatchObject({ status: 404, body: { code: 'click_not_found' } });
  expect(log.flags).toEqual(['click_of_other_partner']);
  expect(await inbound.balance(own)).toBe('4.00');
  expect(await send(own, reversal)).toBe('accepted');
  expect(await inbound.balance(own)).toBe('0.00');
});

describe('8: a person who confirms a reversal that came early', () => {
  test.each([
    ['of what was pending', [{ status: 'pending', payout: '5.00', transaction_id: 'T' }]],
    ['of what nobody knew', []],
  ])('%s makes nothing pay', async (_what, before: Record<string, string>[]) => {
    const own = await inbound.stack.campaign();
    for (const one of before) expect(await send(own, { click_id: own.clickId, ...one })).toBe('accepted');
    expect(await send(own, { click_id: own.clickId, status: 'reversed', transaction_id: 'T' })).toBe('accepted');
    const confirmed = await inbound.stack.admin('POST', `/conversions/${own.clickId}.complete/status`, {
      status: 'reversed',
      reason: 'the partner says so',
    });
    expect([200, 409]).toContain(confirmed.status);
    expect(await send(own, { click_id: own.clickId, payout: '5.00', transaction_id: 'T' })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('0.00');
  });
});

test('11: settlement waits for a placement that does not exist yet, and guesses no rate', async () => {
  const own = await inbound.stack.campaign();
  const placementId = `late-${own.placementId}`.slice(0, 60);
  const click = await clickOf(own, 'CLK-EARLY', { placementId });
  expect(await send(own, { click_id: click, payout: '5.00' })).toBe('accepted');
  const id = `${click}.complete`;
  await expect(settleNow(inbound.stack, id)).resolves.toBe(false);
  expect(await inbound.conversion(id)).toMatchObject({ settled: false, points: '0.00' });
  await inbound.stack.adminOk('POST', '/placements', {
    placement_id: placementId,
    publisher_id: own.publisherId,
    name: 'Late',
    exchange_rate: '100',
  });
  await inbound.stack.eventually(async () => expect(await settleNow(inbound.stack, id)).toBe(true), 30_000);
  expect(await inbound.balance({ ...own, userId: click })).toBe('400.00');
});

test('12: a custom parameter that is empty, a macro or different makes a repetition no new postback', async () => {
  const own = await inbound.stack.campaign();
  const sent = { click_id: own.clickId, payout: '5.00' };
  expect(await send(own, { ...sent, note: 'a' })).toBe('accepted');
  const repetitions = [{ note: '' }, { note: '{click_id}' }, { note: '{{note}}' }, { note: 'b' }, {}];
  for (const more of repetitions) expect(await send(own, { ...sent, ...more })).toBe('duplicate');
  expect(await send(own, { click_id: own.clickId, status: 'reversed' })).toBe('accepted');
  for (const more of repetitions) expect(await send(own, { ...sent, ...more })).toBe('duplicate');
  expect(await inbound.balance(own)).toBe('0.00');
});
