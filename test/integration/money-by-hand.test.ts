import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { Campaign } from '../support/local-stack.ts';

/** Contract 1.5, 1.7 and 4: what people decide, one by one and in bulk, and what they process again. */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
});
afterAll(() => inbound.stop());

const approve = { status: 'approved', reason: 'checked with the partner' };
const settle = (id: string, body: object) => inbound.stack.admin('POST', `/conversions/${id}/status`, body);
const settleAll = (body: object) => inbound.stack.admin('POST', '/conversions/status', body);
const reprocess = (logId: string) => inbound.stack.admin('POST', `/received-postbacks/${logId}/reprocess`);
const heldId = async (own: Campaign): Promise<string> =>
  (await inbound.conversions(own.partnerId)).find(({ status }) => status === 'held').conversion_id;

describe('a postback that could not be read is settled by hand', () => {
  test('with the status and the amount that a person names, once', async () => {
    const own = await inbound.stack.campaign();
    const sent = { click_id: own.clickId, payout: '0.7200000000000001', transaction_id: 'T' };
    const { log } = await inbound.send(own.key, sent);
    expect(log).toMatchObject({ result: 'error', code: 'invalid_payout' });
    const settled = await settle(log.log_id, { ...approve, payout: '0.72' });
    expect(settled).toMatchObject({ status: 200, body: { conversion: { conversion_id: `${own.clickId}.complete`, status: 'approved' } } });
    expect(await inbound.balance(own)).toBe('0.58');
    expect(await inbound.log(log.log_id)).toMatchObject({ result: 'accepted', earlier: [{ result: 'error', code: 'invalid_payout' }] });
    expect((await settle(log.log_id, { ...approve, payout: '0.72' })).status).toBe(409);
    expect(await inbound.balance(own)).toBe('0.58');
  });

  test('needs an amount if the offer pays a percentage and nobody has named one', async () => {
    const own = await inbound.stack.campaign();
    const { log } = await inbound.send(own.key, { click_id: own.clickId, payout: 'five' });
    expect(await settle(log.log_id, approve)).toMatchObject({ status: 409, body: { code: 'missing_payout' } });
  });

  test('takes the click that a person names', async () => {
    const own = await inbound.stack.campaign();
    const { log } = await inbound.send(own.key, { click_id: 'CLK-TYPO', payout: '5.00' });
    expect(log.code).toBe('click_not_found');
    expect((await settle(log.log_id, approve)).status).toBe(409);
    expect((await settle(log.log_id, { ...approve, click_id: own.clickId })).status).toBe(200);
    expect(await inbound.balance(own)).toBe('4.00');
  });
});

test('a postback that is held again changes nothing of what was decided after it', async () => {
  const own = await inbound.stack.campaign({ offer: { caps: [{ per: 'total', of: 'conversions', limit: 1 }] } });
  const say = (said: Record<string, string>, clickId = own.clickId) => inbound.send(own.key, { click_id: clickId, ...said });
  await say({ status: 'pending', payout: '3.00', transaction_id: 'T1' });
  await say({ status: 'reversed', transaction_id: 'R1' });
  await say({ status: 'approved', payout: '2.00' });
  const held = await say({ status: 'approved', payout: '5.00', transaction_id: 'T1' });
  expect(held.log).toMatchObject({ result: 'held', code: 'reapproval' });
  await say({ status: 'reversed', payout: '2.00', transaction_id: 'T1' });
  expect((await settle(`${own.clickId}.complete`, approve)).status).toBe(200);
  expect(await inbound.balance(own)).toBe('1.60');

  expect((await reprocess(held.log.log_id)).body).toMatchObject({ result: 'held' });
  expect(await inbound.balance(own)).toBe('1.60');
  const other = await say({ status: 'approved', payout: '2.00' }, await own.newClick());
  expect(other.log).toMatchObject({ result: 'held', code: 'over_cap' });
});

describe('3: what was held and approved by hand is not paid again by its resend', () => {
  test.each([
    ['a word that is mapped by now', { status: 'bezahlt' }, { status_mapping: { bezahlt: 'approved' } }],
    ['an event that is not declared', { event: 'install' }, undefined],
  ])('%s', async (_what, more: Record<string, string>, mapped: object | undefined) => {
    const own = await inbound.stack.campaign();
    const sent = { click_id: own.clickId, payout: '5.00', transaction_id: 'T', ...more };
    expect((await inbound.send(own.key, sent)).log.result).toBe('held');
    expect((await settle(await heldId(own), approve)).status).toBe(200);
    expect(await inbound.balance(own)).toBe('4.00');
    if (mapped !== undefined) await inbound.stack.adminOk('PATCH', `/partners/${own.partnerId}`, mapped);
    const { event } = more;
    const taken = { click_id: own.clickId, transaction_id: 'T', status: 'reversed', ...(event !== undefined && { event }) };
    expect((await inbound.send(own.key, taken)).log.result).toBe('accepted');
    expect(await inbound.balance(own)).toBe('0.00');
    expect((await inbound.send(own.key, sent)).log.result).toBe('duplicate');
    expect(await inbound.balance(own)).toBe('0.00');
  });
});

describe('in bulk', () => {
  async function threeHeld(): Promise<Campaign> {
    const own = await inbound.stack.campaign();
    for (const user of ['a', 'b', 'c'])
      await inbound.send(own.key, { click_id: await own.newClick(user), payout: '5.00', status: 'bezahlt' });
    return own;
  }

  test('everything that a filter finds is settled; a dry run shows it and does nothing', async () => {
    const own = await threeHeld();
    const filter = { partner_id: own.partnerId, status: 'held' };
    const dry = await settleAll({ filter, ...approve, dry_run: true });
    expect(dry).toMatchObject({ status: 200, body: { matched: 3 } });
    expect(dry.body.results.every(({ done }: { done: boolean }) => !done)).toBe(true);
    expect(await inbound.balance({ ...own, userId: 'a' })).toBe('0.00');
    const done = await settleAll({ filter, ...approve });
    expect(done.body).toMatchObject({ matched: 3, results: [{ done: true }, { done: true }, { done: true }] });
    for (const userId of ['a', 'b', 'c']) expect(await inbound.balance({ ...own, userId })).toBe('4.00');
    expect((await settleAll({ filter, ...approve })).body).toEqual({ matched: 0, results: [] });
  });

  test('each id has a result of its own, and one that is refused stops no other', async () => {
    const own = await threeHeld();
    const ids = [await heldId(own), 'CLK-NONE.complete'];
    const { body } = await settleAll({ ids, ...approve });
    expect(body.matched).toBe(2);
    expect(body.results).toEqual([
      { conversion_id: ids[0], done: true, code: null },
      { conversion_id: ids[1], done: false, code: 'conversion_not_found' },
    ]);
  });

  test('a dry run gives the same result for each id as the real run, and an id counts once', async () => {
    const own = await inbound.stack.campaign();
    const approved = { click_id: own.clickId, payout: '5.00', transaction_id: 'T1' };
    await inbound.send(own.key, approved);
    await inbound.send(own.key, { ...approved, payout: '6.00' });
    await inbound.send(own.key, { ...approved, click_id: await own.newClick('odd'), status: 'odd' });
    await inbound.send(own.key, { ...approved, click_id: await own.newClick('late'), status: 'pending' });
    await inbound.balance(own);
    const listed: { conversion_id: string }[] = await inbound.conversions(own.partnerId);
    const ids = listed.map(({ conversion_id }) => conversion_id);
    expect(ids).toHaveLength(4);
    for (const status of ['pending', 'approved', 'reversed']) {
      const sent = { ids: [...ids, ...ids, 'CLK-NONE.complete'], status, reason: 'checked' };
      const told = (await settleAll({ ...sent, dry_run: true })).body;
      const made = (await settleAll(sent)).body;
      expect([status, told.matched]).toEqual([status, 5]);
      const untold = made.results.map((result: { done: boolean }) => ({ ...result, done: false }));
      expect([status, told.results]).toEqual([status, untold]);
    }
  });

  test('received postbacks are processed again, with the filters of their list', async () => {
    const own = await threeHeld();
    const asked = { partner_id: own.partnerId, code: 'unknown_status' };
    const bulk = (more: object) => inbound.stack.adminOk('POST', '/received-postbacks/reprocess', { ...asked, ...more });
    expect(await bulk({ dry_run: true })).toMatchObject({ matched: 3 });
    expect((await bulk({})).results).toMatchObject(Array(3).fill({ result: 'held', code: 'unknown_status' }));
    await inbound.stack.adminOk('PATCH', `/partners/${own.partnerId}`, { status_mapping: { bezahlt: 'approved' } });
    expect((await bulk({})).results).toMatchObject(Array(3).fill({ done: true, result: 'accepted' }));
    for (const userId of ['a', 'b', 'c']) expect(await inbound.balance({ ...own, userId })).toBe('4.00');
    expect(await bulk({})).toMatchObject({ matched: 0 });
  });
});

describe('4: nobody is paid for a click that was made after the postback came', () => {
  const theirs = { offer_id: 'theirs', payout: '5.00' };

  test.each(['unique', 'latest'])('%s, when it is processed again', async (fallback_matching) => {
    const own = await inbound.stack.campaign({ partner: { fallback_matching }, offer: { campaign_id: 'theirs' } });
    await inbound.send(own.key, { click_id: own.clickId, payout: '1.00' });
    const { log } = await inbound.send(own.key, theirs);
    expect(log.code).toBe('missing_click_id');
    await own.newClick('later');
    expect((await reprocess(log.log_id)).body).toMatchObject({ code: 'missing_click_id' });
    expect(await inbound.balance({ ...own, userId: 'later' })).toBe('0.00');
  });

  test('held for several candidates, when these have converted since', async () => {
    const own = await inbound.stack.campaign({ offer: { campaign_id: 'theirs' } });
    const second = await own.newClick('second');
    const { log } = await inbound.send(own.key, theirs);
    expect(log.code).toBe('several_candidates');
    for (const click_id of [own.clickId, second]) await inbound.send(own.key, { click_id, payout: '5.00' });
    await own.newClick('later');
    expect((await reprocess(log.log_id)).body).toMatchObject({ code: 'missing_click_id' });
    expect(await inbound.balance({ ...own, userId: 'later' })).toBe('0.00');
  });
});

describe('what was decided about a held postback stays decided', () => {
  const bulk = (own: Campaign) =>
    inbound.stack.adminOk('POST', '/received-postbacks/reprocess', { partner_id: own.partnerId, result: 'held' });
  const first = { payout: '5.00', transaction_id: 'T1' };
  const second = { payout: '7.00', transaction_id: 'T2' };

  test('set aside by a person, it is not processed again, alone or in bulk, even when nothing is in its way any more', async () => {
    const own = await inbound.stack.campaign();
    await inbound.send(own.key, { click_id: own.clickId, ...first });
    const { log } = await inbound.send(own.key, { click_id: own.clickId, ...second });
    expect(log).toMatchObject({ result: 'held', code: 'conflict' });
    await inbound.stack.adminOk('POST', `/conversions/${await heldId(own)}/status`, { status: 'rejected', reason: 'not theirs' });
    await inbound.send(own.key, { click_id: own.clickId, ...first, status: 'reversed' });
    expect(await inbound.balance(own)).toBe('0.00');
    expect((await bulk(own)).results).toMatchObject([{ done: false, code: 'already_processed' }]);
    expect(await reprocess(log.log_id)).toMatchObject({ status: 409, body: { code: 'already_processed' } });
    expect((await inbound.send(own.key, { click_id: own.clickId, ...second })).log.result).toBe('duplicate');
    expect(await inbound.balance(own)).toBe('0.00');
  });

  test('ended by its reversal, it is not processed again, and what is paid beside it keeps its money', async () => {
    const own = await inbound.stack.campaign();
    await inbound.send(own.key, { click_id: own.clickId, ...first });
    await inbound.send(own.key, { click_id: own.clickId, ...second });
    await inbound.send(own.key, { click_id: own.clickId, transaction_id: 'T2', status: 'reversed' });
    expect(await inbound.balance(own)).toBe('4.00');
    expect((await bulk(own)).results).toMatchObject([{ done: false, code: 'already_processed' }]);
    expect(await inbound.balance(own)).toBe('4.00');
    expect(await inbound.conversions(own.partnerId)).toContainEqual(
      expect.objectContaining({ conversion_id: `${own.clickId}.complete`, status: 'approved' }),
    );
  });

  test.each([
    ['rejected', '0.00'],
    ['approved', '4.00'],
  ])(
    '%s by a person under a word that nobody knew, its exact resend is a duplicate when the word has got a meaning',
    async (status, balance) => {
      for (const meaning of ['approved', 'rejected', 'reversed']) {
        const own = await inbound.stack.campaign();
        const sent = { click_id: own.clickId, ...first, status: 'Bezahlt' };
        expect((await inbound.send(own.key, sent)).log.code).toBe('unknown_status');
        await inbound.stack.adminOk('POST', `/conversions/${await heldId(own)}/status`, { status, reason: 'asked' });
        await inbound.stack.adminOk('PATCH', `/partners/${own.partnerId}`, { status_mapping: { bezahlt: meaning } });
        expect([meaning, (await inbound.send(own.key, sent)).log.result]).toEqual([meaning, 'duplicate']);
        expect(await inbound.balance(own)).toBe(balance);
      }
    },
  );
});
