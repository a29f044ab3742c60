import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { AnyBody, Campaign } from '../support/local-stack.ts';

/** Contract 2.1: rules decide about approvals and pendings before money moves. */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
}, 120_000);
afterAll(() => inbound.stop());

/** It is a member with that name, which only looks like that of a promise. */
const then = (action: string) => Object.fromEntries([['then', action]]);
const amount = { field: 'payout', op: 'gte', value: '100' };

/** Creates an active rule for one partner. */
async function ruled(own: Campaign, rule: object): Promise<string> {
  const { rule: made } = await inbound.stack.adminOk('POST', '/rules', {
    name: 'Large amounts',
    scope: { partner_id: own.partnerId },
    when: amount,
    ...rule,
  });
  return made.rule_id;
}
const approve = async ({ key, newClick }: Campaign, more: Record<string, string> = {}) => {
  const sent = { click_id: await newClick(), payout: '100.00', transaction_id: `T${Math.random()}`, ...more };
  const { body } = await inbound.stack.postback(key, sent);
  return { ...body, sent };
};
const heldOf = async ({ partnerId }: Campaign): Promise<AnyBody[]> =>
  (await inbound.stack.adminOk('GET', `/conversions?partner_id=${partnerId}&status=held&code=rule`)).conversions;
const set = (ruleId: string, change: object) => inbound.stack.adminOk('PATCH', `/rules/${ruleId}`, change);

describe('a rule that holds', () => {
  test('holds what it matches with its id, in the answer, the log and the list, and nothing is paid', async () => {
    const own = await inbound.stack.campaign();
    const rule_id = await ruled(own, { ...then('hold') });
    const answer = await approve(own);
    expect(answer).toMatchObject({ status: 'success', result: 'held', code: 'rule' });
    expect(await inbound.log(answer.log_id)).toMatchObject({ result: 'held', code: 'rule', rule_id });
    expect(await heldOf(own)).toEqual([expect.objectContaining({ status: 'held', code: 'rule', rule_id })]);
    expect(await inbound.balance(own)).toBe('0.00');
  });

  test('lets through what it does not match, and take-backs', async () => {
    const own = await inbound.stack.campaign();
    await ruled(own, { ...then('hold') });
    const small = await approve(own, { payout: '99.99' });
    expect(small.result).toBe('accepted');
    expect((await inbound.stack.postback(own.key, { ...small.sent, status: 'reversed', payout: '100' })).body.result).toBe('accepted');
  });

  test('is shown by the tester as it would decide, even if there already is a conversion', async () => {
    const own = await inbound.stack.campaign();
    const sent = { click_id: own.clickId, payout: '5.00', transaction_id: 'Q' };
    await inbound.stack.postback(own.key, sent);
    await ruled(own, { ...then('hold') });
    const larger = { ...sent, payout: '500.00' };
    const tried = await inbound.stack.adminOk('POST', '/postback-receiver/test', { partner_id: own.partnerId, params: larger });
    expect(tried).toMatchObject({ result: 'held', code: 'conflict' });
    const csv = `click_id,payout,transaction_id\n${own.clickId},500.00,Q\n`;
    const file = { method: 'POST', headers: { authorization: `Bearer ${inbound.stack.system.adminToken}`, 'content-type': 'text/csv' } };
    const imported = await inbound.stack.request(`/api/admin/conversions/import?partner_id=${own.partnerId}&dry_run=true`, {
      ...file,
      body: csv,
    });
    expect(imported.body).toMatchObject({ counts: { held: 1 } });
    expect((await inbound.stack.postback(own.key, larger)).body).toMatchObject({ result: 'held', code: 'conflict' });
  });

  test('also applies to a pending; what it holds is a duplicate when it comes again', async () => {
    const own = await inbound.stack.campaign();
    await ruled(own, { ...then('hold') });
    const pending = await approve(own, { status: 'pending' });
    expect(pending.code).toBe('rule');
    expect((await inbound.stack.postback(own.key, pending.sent)).body.result).toBe('duplicate');
  });

  test('applies when a postback is processed again, and no longer once it is inactive', async () => {
    const own = await inbound.stack.campaign();
    const rule_id = await ruled(own, { ...then('hold') });
    const { log_id } = await approve(own);
    const again = () => inbound.stack.adminOk('POST', `/received-postbacks/${log_id}/reprocess`);
    await again();
    expect(await inbound.log(log_id)).toMatchObject({ result: 'held', code: 'rule', rule_id });
    await set(rule_id, { status: 'inactive' });
    await again();
    expect(await inbound.log(log_id)).toMatchObject({ result: 'accepted', code: null, rule_id: null });
    expect(await inbound.balance(own)).toBe('80.00');
  });

  test('is overridden by a person', async () => {
    const own = await inbound.stack.campaign();
    await ruled(own, { ...then('hold') });
    await approve(own);
    const [held] = await heldOf(own);
    await inbound.stack.adminOk('POST', `/conversions/${held.conversion_id}/status`, { status: 'approved', reason: 'it is right' });
    expect(await inbound.balance(own)).toBe('80.00');
  });
});

describe('a rule that rejects', () => {
  test('answers accepted with the code `rule`; the conversion is rejected, and the publisher is notified', async () => {
    const own = await inbound.stack.campaign();
    const rule_id = await ruled(own, { ...then('reject') });
    const answer = await approve(own);
    expect(answer).toMatchObject({ status: 'success', result: 'accepted', code: 'rule' });
    expect(await inbound.log(answer.log_id)).toMatchObject({ result: 'accepted', code: 'rule', rule_id, status: 'rejected' });
    expect(await inbound.balance(own)).toBe('0.00');
    const [conversion] = await inbound.conversions(own.partnerId);
    expect(conversion).toMatchObject({ status: 'rejected', code: null });
    const { statements } = await inbound.conversion(conversion.conversion_id);
    expect(statements).toEqual([expect.objectContaining({ status: 'approved', verdict: 'accepted', rule_id })]);
    await inbound.stack.eventually(() => {
      const told = inbound.stack.publisher.requests.filter(({ target }) => target.includes(`click_id=${answer.sent.click_id}`));
      expect(told.map(({ target }) => new URL(target, 'http://localhost').searchParams.get('status'))).toEqual(['rejected']);
    });
    const { conversions } = await inbound.stack.adminOk('GET', '/conversions?status=rejected');
    expect(conversions.map(({ conversion_id }: AnyBody) => conversion_id)).toContain(conversion.conversion_id);
  });

  test('makes a repetition a duplicate, even when the rule no longer exists', async () => {
    const own = await inbound.stack.campaign();
    const rule_id = await ruled(own, { ...then('reject') });
    const { sent } = await approve(own);
    expect((await inbound.stack.postback(own.key, sent)).body.result).toBe('duplicate');
    expect((await inbound.stack.admin('DELETE', `/rules/${rule_id}`)).status).toBe(204);
    expect((await inbound.stack.postback(own.key, sent)).body.result).toBe('duplicate');
    expect(await inbound.balance(own)).toBe('0.00');
  });
});

describe('a rule that logs', () => {
  test('leaves nothing but a log entry', async () => {
    const own = await inbound.stack.campaign();
    const rule_id = await ruled(own, { ...then('log') });
    const answer = await approve(own);
    expect(answer).toMatchObject({ status: 'success', result: 'logged' });
    expect(await inbound.log(answer.log_id)).toMatchObject({ result: 'logged', rule_id });
    expect(await inbound.conversions(own.partnerId)).toEqual([]);
  });

  test('decides what another rule has held, when that is processed again', async () => {
    const own = await inbound.stack.campaign();
    const rule_id = await ruled(own, { ...then('hold') });
    const { log_id } = await approve(own);
    await set(rule_id, { ...then('log') });
    await inbound.stack.adminOk('POST', `/received-postbacks/${log_id}/reprocess`);
    expect(await inbound.log(log_id)).toMatchObject({ result: 'logged' });
    expect(await heldOf(own)).toEqual([]);
  });
});

test.each(['unique', 'latest'])(
  'a click of which a rule holds something is open to a guess all the same: %s',
  async (fallback_matching) => {
    const own = await inbound.stack.campaign({ partner: { fallback_matching }, offer: { campaign_id: 'theirs' } });
    await ruled(own, { ...then('hold') });
    const { body } = await inbound.stack.postback(own.key, { click_id: own.clickId, payout: '100.00', transaction_id: 'T1' });
    expect(body).toMatchObject({ result: 'held', code: 'rule' });
    const guessed = await inbound.stack.postback(own.key, { offer_id: 'theirs', payout: '5.00', transaction_id: 'T2' });
    expect(guessed).toMatchObject({ status: 200, body: { result: 'accepted' } });
    expect(await inbound.balance(own)).toBe('4.00');
  },
);

describe('several rules', () => {
  test('are decided by the lowest priority number, and accept ends the evaluation', async () => {
    const own = await inbound.stack.campaign();
    await ruled(own, { ...then('hold'), priority: 20 });
    const trusted = { field: 'sub_id1', op: 'eq', value: 'trusted' };
    await ruled(own, { ...then('accept'), priority: 10, when: { any: [trusted, { all: [{ field: 'quality', op: 'gt', value: 8 }] }] } });
    expect((await approve(own)).code).toBe('rule');
    expect((await approve(own, { sub_id1: 'trusted' })).result).toBe('accepted');
    expect((await approve(own, { quality: '9' })).result).toBe('accepted');
    expect((await approve(own, { quality: '8' })).result).toBe('held');
  });

  test('apply only within their scope and time', async () => {
    const [own, other] = [await inbound.stack.campaign(), await inbound.stack.campaign()];
    await ruled(own, { ...then('hold'), to: '2020-01-01T00:00:00+02:00' });
    expect((await approve(own)).result).toBe('accepted');
    await ruled(own, { ...then('hold'), scope: { offer_id: own.offerId, publisher_id: own.publisherId } });
    expect((await approve(own)).code).toBe('rule');
    expect((await approve(other)).result).toBe('accepted');
  });
});

describe("a user's conversions of today", () => {
  test('are known to a rule that asks about them', async () => {
    const own = await inbound.stack.campaign();
    await ruled(own, { ...then('hold'), when: { field: 'user_conversions_today', op: 'gte', value: 2 } });
    for (let sent = 0; sent < 2; sent += 1) expect((await approve(own)).result).toBe('accepted');
    await inbound.balance(own);
    expect((await approve(own)).code).toBe('rule');
    expect((await approve(own, { click_id: await own.newClick('somebody else') })).result).toBe('accepted');
  });
});

describe('the tester', () => {
  test('says which rule decides', async () => {
    const own = await inbound.stack.campaign();
    const rule_id = await ruled(own, { ...then('reject') });
    const tried = (payout: string) =>
      inbound.stack.adminOk('POST', '/postback-receiver/test', {
        partner_id: own.partnerId,
        params: { click_id: own.clickId, payout, status: 'approved' },
      });
    expect(await tried('100')).toMatchObject({
      result: 'accepted',
      code: 'rule',
      rule: { rule_id, name: 'Large amounts', ...then('reject') },
      conversion: { status: 'rejected', downward_payout: '0.00' },
    });
    expect(await tried('1')).toMatchObject({ result: 'accepted', code: null, rule: null });
  });
});

describe('the routes of rules', () => {
  test('a rule is made, shown, changed, listed, audited and deleted', async () => {
    const { rule } = await inbound.stack.adminOk('POST', '/rules', { rule_id: 'fast', name: 'Fast', when: amount, ...then('hold') });
    expect(rule).toMatchObject({
      rule_id: 'fast',
      priority: 100,
      scope: { partner_id: null, offer_id: null, publisher_id: null },
      when: amount,
      ...then('hold'),
      from: null,
      to: null,
      status: 'active',
    });
    const changed = await set('fast', { priority: 5, status: 'inactive', from: '2026-01-01T00:00:00+01:00' });
    expect(changed.rule).toMatchObject({ priority: 5, status: 'inactive', from: '2025-12-31T23:00:00.000Z', ...then('hold') });
    const { rules } = await inbound.stack.adminOk('GET', '/rules?status=inactive');
    expect(rules).toContainEqual(changed.rule);
    expect((await inbound.stack.admin('POST', '/rules', { rule_id: 'fast', name: 'Fast', when: amount, ...then('hold') })).status).toBe(
      409,
    );
    expect((await inbound.stack.admin('DELETE', '/rules/fast')).status).toBe(204);
    expect((await inbound.stack.admin('GET', '/rules/fast')).status).toBe(404);
    const { entries } = await inbound.stack.adminOk('GET', '/audit');
    expect(entries.map(({ action }: AnyBody) => action)).toEqual(expect.arrayContaining(['rule.created', 'rule.updated', 'rule.deleted']));
  });

  test('a condition that holds for every postback or for none gets a warning, and any other does not', async () => {
    const warningsOf = async (when: object) =>
      (await inbound.stack.adminOk('POST', '/rules', { name: 'Slip', when, ...then('hold'), status: 'inactive' })).warnings;
    expect(await warningsOf(amount)).toEqual([]);
    expect(await warningsOf({ any: [amount, { any: [] }] })).toEqual([]);
    expect(await warningsOf({ all: [] })).toEqual([expect.stringMatching(/^when: holds for every postback/)]);
    expect(await warningsOf({ any: [amount, { all: [] }] })).toEqual([expect.stringMatching(/^when: holds for every postback/)]);
    expect(await warningsOf({ all: [amount, { any: [] }] })).toEqual([expect.stringMatching(/^when: holds for no postback/)]);
    const { rule } = await inbound.stack.adminOk('POST', '/rules', { name: 'Slip', when: amount, ...then('hold'), status: 'inactive' });
    expect((await set(rule.rule_id, { when: { all: [] } })).warnings).toHaveLength(1);
  });

  test('a scope that names somebody who does not exist gets a warning, because the rule would decide nothing', async () => {
    const own = await inbound.stack.campaign();
    const warningsOf = async (scope: object) =>
      (await inbound.stack.adminOk('POST', '/rules', { name: 'Scoped', scope, when: amount, ...then('hold'), status: 'inactive' }))
        .warnings;
    expect(await warningsOf({ partner_id: own.partnerId, offer_id: own.offerId, publisher_id: own.publisherId })).toEqual([]);
    expect(await warningsOf({ partner_id: 'acne', offer_id: 'none', publisher_id: 'nobody' })).toEqual([
      expect.stringMatching(/^scope\.partner_id: there is no partner acne/),
      expect.stringMatching(/^scope\.offer_id: there is no offer none/),
      expect.stringMatching(/^scope\.publisher_id: there is no publisher nobody/),
    ]);
  });

  test.each<[string, object, string]>([
    ['an action that is none', { ...then('pay') }, 'then'],
    ['an operator that is none', { when: { field: 'payout', op: 'like', value: '1' } }, 'when'],
    ['an end before its beginning', { from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 'to'],
    ['no condition', { when: undefined }, 'when'],
  ])('%s is refused', async (_what, change, field) => {
    const { status, body } = await inbound.stack.admin('POST', '/rules', { name: 'Rule', when: amount, ...then('hold'), ...change });
    expect(status).toBe(400);
    expect(body.message).toContain(field);
  });
});
