import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { Campaign } from '../support/local-stack.ts';
import { removeClick } from '../support/tables.ts';

/** Contract 1.4 and 1.5: what a click can earn, and which transaction a take-back is about. */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
});
afterAll(() => inbound.stop());

const send = async (own: Campaign, parameters: Record<string, string>) => {
  const { body } = await inbound.stack.postback(own.key, { click_id: own.clickId, ...parameters });
  return body.result === 'held' ? body.code : (body.result ?? body.code);
};

describe('6: a click of an offerwall earns for each of its transactions', () => {
  const wall = () => inbound.stack.campaign({ offer: { repeat: 'per_transaction' } });

  test('each is a conversion of its own', async () => {
    const own = await wall();
    for (const [transaction_id, payout] of [
      ['START_BONUS', '0.10'],
      ['SCREENOUT', '0.20'],
      ['COMPLETE', '5.00'],
    ] as const) {
      expect(await send(own, { transaction_id, payout })).toBe('accepted');
      expect(await send(own, { transaction_id, payout })).toBe('duplicate');
    }
    expect(await inbound.balance(own)).toBe('4.24');
    const conversions = await inbound.conversions(own.partnerId);
    expect(conversions.map(({ transaction_id }) => transaction_id)).toEqual(['COMPLETE', 'SCREENOUT', 'START_BONUS']);
  });

  test('another amount for one of them is a conflict', async () => {
    const own = await wall();
    await send(own, { transaction_id: 'A', payout: '1.00' });
    expect(await send(own, { transaction_id: 'A', payout: '2.00' })).toBe('conflict');
    expect(await inbound.balance(own)).toBe('0.80');
  });

  test('a take-back is about its own transaction', async () => {
    const own = await wall();
    await send(own, { transaction_id: 'A', payout: '1.00' });
    await send(own, { transaction_id: 'B', payout: '5.00' });
    expect(await send(own, { transaction_id: 'A', status: 'reversed' })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('4.00');
    expect(await send(own, { transaction_id: 'R-9', original_transaction_id: 'B', status: 'reversed', payout: '2.00' })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('2.40');
  });

  test('a take-back that names none while several are paid is held for a person', async () => {
    const own = await wall();
    await send(own, { transaction_id: 'A', payout: '1.00' });
    await send(own, { transaction_id: 'B', payout: '5.00' });
    expect(await send(own, { status: 'reversed' })).toBe('several_conversions');
    expect(await inbound.balance(own)).toBe('4.80');
  });

  test('a take-back that comes first waits for its transaction', async () => {
    const own = await wall();
    expect(await send(own, { transaction_id: 'A', status: 'reversed' })).toBe('accepted');
    expect(await send(own, { transaction_id: 'B', payout: '5.00' })).toBe('accepted');
    expect(await send(own, { transaction_id: 'A', payout: '1.00' })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('4.00');
  });

  test('postbacks without a transaction convert once', async () => {
    const own = await wall();
    expect(await send(own, { payout: '1.00' })).toBe('accepted');
    expect(await send(own, { payout: '2.00' })).toBe('conflict');
    expect(await inbound.balance(own)).toBe('0.80');
  });

  test('a partner can have this setting for all of its offers', async () => {
    const own = await inbound.stack.campaign({ partner: { repeat: 'per_transaction' } });
    for (const transaction_id of ['A', 'B']) expect(await send(own, { transaction_id, payout: '1.00' })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('1.60');
  });
});

describe('5: a reversal takes no other transaction’s money', () => {
  test('a reversal of a held postback settles the held postback', async () => {
    const own = await inbound.stack.campaign();
    expect(await send(own, { transaction_id: 'T1', payout: '5.00' })).toBe('accepted');
    expect(await send(own, { transaction_id: 'T2', payout: '7.00' })).toBe('conflict');
    expect(await send(own, { transaction_id: 'T2', status: 'reversed' })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('4.00');
    const held = (await inbound.conversions(own.partnerId)).filter(({ status }) => status === 'held');
    expect(held).toEqual([]);
    expect(await send(own, { transaction_id: 'T2', payout: '7.00' })).toBe('duplicate');
    expect(await inbound.balance(own)).toBe('4.00');
  });

  test('a reversal of a held postback settles it even if it names only the transaction', async () => {
    const own = await inbound.stack.campaign({ partner: { match_by_transaction: true } });
    expect(await send(own, { transaction_id: 'T1', payout: '5.00' })).toBe('accepted');
    expect(await send(own, { transaction_id: 'T2', payout: '7.00' })).toBe('conflict');
    expect((await inbound.stack.postback(own.key, { transaction_id: 'T2', status: 'reversed' })).body).toMatchObject({
      result: 'accepted',
    });
    expect(await inbound.balance(own)).toBe('4.00');
    expect((await inbound.conversions(own.partnerId)).filter(({ status }) => status === 'held')).toEqual([]);
  });
});

describe('9: a reversal finds what was paid', () => {
  test('even for an event that the offer no longer declares', async () => {
    const own = await inbound.stack.campaign({ offer: { goals: [{ event: 'signup', payout: '1.50' }] } });
    await send(own, { event: 'signup', transaction_id: 'T' });
    expect(await inbound.balance(own)).toBe('1.50');
    await inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, { goals: [] });
    expect(await send(own, { event: 'signup', transaction_id: 'T', status: 'reversed' })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('0.00');
  });

  test('even when it names only the click of a goal, and a real conversion is still paid', async () => {
    const own = await inbound.stack.campaign({ offer: { goals: [{ event: 'signup', payout: '1.50' }] } });
    await send(own, { event: 'signup' });
    expect(await send(own, { status: 'reversed' })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('0.00');
    expect(await send(own, { payout: '5.00', transaction_id: 'T' })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('4.00');
  });

  test('before it was paid: one without an event waits for whatever the click is first paid for', async () => {
    const own = await inbound.stack.campaign({ offer: { goals: [{ event: 'signup', payout: '1.50' }] } });
    expect(await send(own, { status: 'reversed' })).toBe('accepted');
    await send(own, { event: 'signup' });
    expect(await inbound.balance(own)).toBe('0.00');
  });
});

test.each([['zzz'], ['aaa']])('a take-back of a transaction that two events know is about the one that began first: %s', async (goal) => {
  const own = await inbound.stack.campaign({ offer: { goals: [{ event: goal }] } });
  expect(await send(own, { event: goal, payout: '2.00', transaction_id: 'T', status: 'pending' })).toBe('accepted');
  expect(await send(own, { event: goal, payout: '2.00' })).toBe('accepted');
  expect(await send(own, { payout: '3.00', transaction_id: 'T', status: 'pending' })).toBe('accepted');
  expect(await send(own, { transaction_id: 'T', status: 'reversed' })).toBe('accepted');
  expect(await inbound.balance(own)).toBe('0.00');
});

describe('7: parts that add up to the whole leave nothing', () => {
  test.each([
    [{ payout: '4.00', revenue_share_percent: null }, undefined, ['5.00', '2.50', '2.40', '0.10']],
    [{ revenue_share_percent: 50 }, '1000', ['0.15', '0.05', '0.05', '0.05']],
    [{ revenue_share_percent: 33 }, '7', ['1.00', '0.33', '0.33', '0.34']],
  ])('%j', async (offer, rate, [whole = '', ...parts]) => {
    const own = await inbound.stack.campaign({ offer, ...(rate && { placement: { exchange_rate: rate } }) });
    await send(own, { payout: whole, transaction_id: 'T' });
    for (const [index, payout] of parts.entries())
      expect(await send(own, { payout, transaction_id: `R${index}`, status: 'reversed' })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('0.00');
  });
});

test('10: a conversion without an amount is not bound to the default currency', async () => {
  const own = await inbound.stack.campaign();
  expect(await send(own, { status: 'pending', transaction_id: 'T' })).toBe('accepted');
  expect(await send(own, { payout: '5.00', currency: 'EUR', transaction_id: 'T' })).toBe('accepted');
  expect(await inbound.balance(own)).toBe('4.00');
});

test('11: the receiver uses the frozen terms too', async () => {
  const own = await inbound.stack.campaign({ offer: { payout: '4.00', revenue_share_percent: null } });
  await send(own, { payout: '5.00', transaction_id: 'T' });
  expect(await inbound.balance(own)).toBe('4.00');
  await inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, { payout: null, revenue_share_percent: 80 });
  expect(await send(own, { transaction_id: 'T', status: 'rejected' })).toBe('accepted');
  expect(await inbound.balance(own)).toBe('0.00');
});

describe('2: what was answered duplicate is remembered', () => {
  test('with another custom parameter, after the reversal', async () => {
    const own = await inbound.stack.campaign();
    expect(await send(own, { payout: '5.00', transaction_id: 'T1' })).toBe('accepted');
    expect(await send(own, { payout: '5.00', transaction_id: 'T1', pixel: 'yes' })).toBe('duplicate');
    expect(await send(own, { transaction_id: 'T1', status: 'reversed' })).toBe('accepted');
    expect(await send(own, { payout: '5.00', transaction_id: 'T1', pixel: 'yes' })).toBe('duplicate');
    expect(await send(own, { payout: '5.00', transaction_id: 'T1', counter: '2' })).toBe('duplicate');
    expect(await inbound.balance(own)).toBe('0.00');
  });

  test('a pixel without a transaction beside a server call with one', async () => {
    const own = await inbound.stack.campaign();
    expect(await send(own, { payout: '5.00' })).toBe('accepted');
    expect(await send(own, { payout: '5.00', transaction_id: 'T1' })).toBe('duplicate');
    expect(await send(own, { status: 'reversed', transaction_id: 'T1' })).toBe('accepted');
    expect(await send(own, { payout: '5.00', transaction_id: 'T1' })).toBe('duplicate');
    expect(await send(own, { payout: '5.00' })).toBe('duplicate');
    expect(await inbound.balance(own)).toBe('0.00');
  });
});

test('12: a conversion outlives its click: a reversal still finds it', async () => {
  const own = await inbound.stack.campaign();
  await send(own, { payout: '5.00', transaction_id: 'T' });
  expect(await inbound.balance(own)).toBe('4.00');
  await removeClick(inbound.stack, own.clickId);
  expect(await send(own, { status: 'reversed', transaction_id: 'T' })).toBe('accepted');
  expect(await inbound.balance(own)).toBe('0.00');
});

test('12: one transaction that was guessed for one user is not paid for another whose click is named later', async () => {
  const own = await inbound.stack.campaign({ offer: { campaign_id: 'theirs' } });
  const { body } = await inbound.stack.postback(own.key, { offer_id: 'theirs', payout: '5.00', transaction_id: 'T' });
  expect(body.result).toBe('accepted');
  const second = await own.newClick('second');
  expect(await send(own, { click_id: second, payout: '5.00', transaction_id: 'T' })).toBe('conflict');
  expect(await inbound.balance({ ...own, userId: 'second' })).toBe('0.00');
});
