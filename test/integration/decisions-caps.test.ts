import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { AnyBody, Campaign } from '../support/local-stack.ts';

/** Contract 2.1: approvals over a cap are held, never silently paid or dropped. */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
}, 120_000);
afterAll(() => inbound.stop());

const capped = (...caps: object[]) => inbound.stack.campaign({ offer: { caps } });
const perDay = (limit: number | string, of = 'conversions') => ({ per: 'day', of, limit });

const approve = async ({ key, newClick }: Campaign, more: Record<string, string> = {}) => {
  const sent = { click_id: await newClick(), payout: '5.00', transaction_id: `T${Math.random()}`, ...more };
  const { body } = await inbound.stack.postback(key, sent);
  return { ...body, sent };
};
const heldOf = async ({ partnerId }: Campaign): Promise<AnyBody[]> =>
  (await inbound.stack.adminOk('GET', `/conversions?partner_id=${partnerId}&status=held&code=over_cap&limit=200`)).conversions;

describe('a cap of conversions', () => {
  test('a hundred approvals at once against a cap of ten: exactly ten are paid, and ninety are held', async () => {
    const own = await capped(perDay(10));
    // At most 60 clicks of one user are stored in an hour.
    const clicks = await Promise.all(Array.from({ length: 100 }, (_, index) => own.newClick(`user ${index}`)));
    expect(new Set(clicks).size).toBe(100);
    const send = async (click_id: string, index: number): Promise<void> => {
      const { status } = await inbound.stack.postback(own.key, { click_id, payout: '5.00', transaction_id: `T${index}` });
      if (status === 200) return;
      // A busy machine may answer 503, which asks the partner to send the postback again. This does so after a while.
      expect(status).toBe(503);
      await sleep(500 + Math.random() * 5_000);
      await send(click_id, index);
    };
    await Promise.all(clicks.map(send));
    await inbound.balance(own);
    expect(await heldOf(own)).toHaveLength(90);
    const paid = (await inbound.conversions(own.partnerId)).filter(({ status }) => status === 'approved');
    expect(paid.map(({ points }) => points)).toEqual(Array.from({ length: 10 }, () => '4.00'));
  }, 240_000);

  test('a held postback that is sent again is a duplicate', async () => {
    const own = await capped(perDay(0));
    const { sent, result, code } = await approve(own);
    expect({ result, code }).toEqual({ result: 'held', code: 'over_cap' });
    expect((await inbound.stack.postback(own.key, sent)).body).toMatchObject({ result: 'duplicate' });
  });

  test('a reversal returns its place, and a pending takes none', async () => {
    const own = await capped(perDay(1));
    expect((await approve(own, { status: 'pending' })).result).toBe('accepted');
    const first = await approve(own);
    expect(first.result).toBe('accepted');
    expect((await approve(own)).code).toBe('over_cap');
    await inbound.stack.postback(own.key, { ...first.sent, status: 'reversed' });
    expect((await approve(own)).result).toBe('accepted');
    expect((await approve(own)).code).toBe('over_cap');
  });

  test('once it is raised, processing again releases held postbacks as far as there is room', async () => {
    const own = await capped(perDay(1));
    for (let sent = 0; sent < 3; sent += 1) await approve(own);
    const [one, two] = (await inbound.logs(own.partnerId)).filter(({ code }) => code === 'over_cap');
    const reprocess = (log: AnyBody) => inbound.stack.adminOk('POST', `/received-postbacks/${log.log_id}/reprocess`);
    await reprocess(one);
    expect(await inbound.log(one.log_id)).toMatchObject({ result: 'held', code: 'over_cap' });
    await inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, { caps: [perDay(2)] });
    await reprocess(one);
    await reprocess(two);
    expect(await inbound.log(one.log_id)).toMatchObject({ result: 'accepted', code: null });
    expect(await inbound.log(two.log_id)).toMatchObject({ result: 'held', code: 'over_cap' });
    expect(await inbound.balance(own)).toBe('8.00');
  });

  test('a person may override it, and the approval still counts', async () => {
    const own = await capped(perDay(1));
    const first = await approve(own);
    const held = await approve(own);
    const [row] = await heldOf(own);
    await inbound.stack.adminOk('POST', `/conversions/${row.conversion_id}/status`, { status: 'approved', reason: 'a good customer' });
    expect(await inbound.balance(own)).toBe('8.00');
    expect(held.code).toBe('over_cap');
    // Two are counted although only one is allowed, so taking one back does not free a place yet.
    await inbound.stack.postback(own.key, { ...first.sent, status: 'reversed' });
    expect((await approve(own)).code).toBe('over_cap');
  });

  test('limits one publisher and not another', async () => {
    const own = await capped();
    await inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, { caps: [{ ...perDay(0), publisher_id: own.publisherId }] });
    const { publisher } = await inbound.stack.adminOk('POST', '/publishers', { name: 'Another' });
    const { click } = await inbound.stack.adminOk('POST', '/clicks', {
      offer_id: own.offerId,
      publisher_id: publisher.publisher_id,
      user_id: 'bob',
    });
    expect((await approve(own)).code).toBe('over_cap');
    expect((await approve(own, { click_id: click.click_id })).result).toBe('accepted');
  });
});

describe('a cap of payout', () => {
  test('counts what is left upward', async () => {
    const own = await capped(perDay('10.00', 'payout'));
    const first = await approve(own, { payout: '7.00' });
    expect(first.result).toBe('accepted');
    expect((await approve(own, { payout: '4.00' })).code).toBe('over_cap');
    await inbound.stack.postback(own.key, { ...first.sent, status: 'reversed', payout: '1.00' });
    expect((await approve(own, { payout: '4.00' })).result).toBe('accepted');
    expect((await approve(own, { payout: '0.01' })).code).toBe('over_cap');
  });

  test('holds what is larger than the whole cap, and what it cannot count', async () => {
    const own = await capped(perDay('10.00', 'payout'));
    expect((await approve(own, { payout: '10.01' })).code).toBe('over_cap');
    expect((await approve(own, { payout: '1.00', currency: 'EUR' })).code).toBe('over_cap');
    expect((await approve(own, { payout: '10.00' })).result).toBe('accepted');
  });
});

describe('the tester', () => {
  test('says that a cap would hold it, and takes no place', async () => {
    const own = await capped(perDay(1));
    const tried = async () => {
      const params = { click_id: await own.newClick(), payout: '5.00', status: 'approved' };
      return inbound.stack.adminOk('POST', '/postback-receiver/test', { partner_id: own.partnerId, params });
    };
    expect(await tried()).toMatchObject({ result: 'accepted' });
    await approve(own);
    expect(await tried()).toMatchObject({ result: 'held', code: 'over_cap' });
  });
});

describe('an offer', () => {
  test.each([
    ['half a conversion', [perDay('1.5')], 'limit'],
    ['a zone that is none', [{ ...perDay(1), timezone: 'Mars/Olympus' }], 'timezone'],
    ['a period that is none', [{ ...perDay(1), per: 'hour' }], 'per'],
    ['two caps that would count the same', [perDay(1), perDay(2)], 'caps'],
    [
      'two caps of one time zone, spelt differently',
      [
        { ...perDay(1), timezone: 'europe/berlin' },
        { ...perDay(2), timezone: 'Europe/Berlin' },
      ],
      'caps',
    ],
  ])('with %s is refused', async (_what, caps, field) => {
    const own = await capped();
    const answer = await inbound.stack.admin('PATCH', `/offers/${own.offerId}`, { caps });
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.body.message).toContain(field);
  });

  test('shows its caps', async () => {
    const own = await capped({ per: 'month', of: 'payout', limit: '1000', timezone: 'Europe/Berlin' });
    const { offer } = await inbound.stack.adminOk('GET', `/offers/${own.offerId}`);
    expect(offer.caps).toEqual([{ per: 'month', of: 'payout', limit: '1000.00', publisher_id: null, timezone: 'Europe/Berlin' }]);
  });
});
