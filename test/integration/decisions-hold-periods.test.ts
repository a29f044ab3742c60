import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { reconcile } from '../../functions/domain/reconcile.ts';
import { readAll } from '../support/faults/oracle.ts';
import { directClient, namesOf } from '../support/faults/tables.ts';
import { Inbound } from '../support/inbound.ts';
import type { AnyBody, Campaign } from '../support/local-stack.ts';

/** Contract 2.1: an approval with a hold period is pending until the period ends. */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
}, 120_000);
afterAll(() => inbound.stop());

/** 1.8 seconds. */
const short = '0.0005';
const long = '72.5';
const held = (hold_hours: string) => inbound.stack.campaign({ offer: { hold_hours } });

const approve = async ({ key, clickId }: Campaign, more: Record<string, string> = {}) => {
  const { body } = await inbound.stack.postback(key, { click_id: clickId, payout: '5.00', transaction_id: 'T1', ...more });
  return body;
};
const conversionOf = async ({ partnerId }: Campaign): Promise<AnyBody> => {
  const [one] = await inbound.conversions(partnerId);
  return inbound.conversion(one.conversion_id);
};
const told = ({ clickId }: Campaign): string[] =>
  inbound.stack.publisher.requests
    .map(({ target }) => new URL(target, 'http://localhost').searchParams)
    .filter((query) => query.get('click_id') === clickId)
    .map((query) => `${query.get('status')} ${query.get('payout')} ${query.get('points')}`);
const sweep = () => inbound.stack.system.invoke('sweeper', {});

describe('an approval in its hold period', () => {
  test('is pending, is not paid, and the publisher is told what it would earn', async () => {
    const own = await held(long);
    const before = Date.now();
    expect(await approve(own)).toMatchObject({ result: 'accepted', code: null });
    expect(await inbound.balance(own)).toBe('0.00');
    const conversion = await conversionOf(own);
    expect(conversion).toMatchObject({ status: 'pending', downward_payout: '0.00', settled: true });
    expect(Date.parse(conversion.release_at) - before).toBeGreaterThanOrEqual(72.5 * 3_600_000);
    expect(Date.parse(conversion.release_at) - before).toBeLessThan(72.5 * 3_600_000 + 60_000);
    await inbound.stack.eventually(() => expect(told(own)).toEqual(['pending 4.00 4.00']));
    await sweep();
    await sleep(300);
    expect((await conversionOf(own)).status).toBe('pending');
    const { conversions } = await inbound.stack.adminOk('GET', `/conversions?status=pending&limit=200`);
    expect(conversions.map(({ click_id }: AnyBody) => click_id)).toContain(own.clickId);
  });

  test('is paid automatically and only once when its time has come, however often the sweeper runs', async () => {
    const own = await held(short);
    await approve(own);
    await sleep(2_000);
    await Promise.all([sweep(), sweep()]);
    await inbound.stack.eventually(async () => expect((await conversionOf(own)).status).toBe('approved'));
    await sweep();
    expect(await inbound.balance(own)).toBe('4.00');
    const { release_at, steps, ledger_entries, postbacks } = await conversionOf(own);
    expect(release_at).toBeNull();
    expect(steps.map(({ status }: AnyBody) => status)).toEqual(['pending', 'approved']);
    expect(ledger_entries).toHaveLength(1);
    expect(postbacks).toHaveLength(1);
    await inbound.stack.eventually(() => expect(told(own)).toEqual(['pending 4.00 4.00', 'approved 4.00 4.00']));
    expect(await approve(own)).toMatchObject({ result: 'duplicate' });
  });

  test('leaves nothing to pay if it is reversed before', async () => {
    const own = await held(short);
    await approve(own);
    await approve(own, { status: 'reversed' });
    await sleep(2_000);
    await sweep();
    await sleep(500);
    expect(await conversionOf(own)).toMatchObject({ status: 'reversed', release_at: null, ledger_entries: [] });
    expect(await inbound.balance(own)).toBe('0.00');
  });

  test('makes repetitions duplicates and contradictions conflicts, like a paid one', async () => {
    const own = await held(long);
    await approve(own);
    expect(await approve(own)).toMatchObject({ result: 'duplicate' });
    expect(await approve(own, { transaction_id: 'T2' })).toMatchObject({ result: 'held', code: 'conflict' });
  });

  test('is paid at once when a person says so, and can be taken back by its transaction', async () => {
    const own = await held(long);
    await approve(own);
    const { conversion_id } = await conversionOf(own);
    const { status } = await inbound.stack.admin('POST', `/conversions/${conversion_id}/status`, { status: 'approved', reason: 'known' });
    expect(status).toBeLessThan(300);
    expect(await inbound.balance(own)).toBe('4.00');
    expect(await conversionOf(own)).toMatchObject({ status: 'approved', release_at: null });
    await approve(own, { status: 'reversed' });
    expect(await inbound.balance(own)).toBe('0.00');
  });

  test('counts towards a cap', async () => {
    const own = await inbound.stack.campaign({ offer: { hold_hours: long, caps: [{ per: 'total', of: 'conversions', limit: 1 }] } });
    await approve(own);
    expect(await approve(own, { click_id: await own.newClick() })).toMatchObject({ result: 'held', code: 'over_cap' });
  });
});

describe('how long it waits', () => {
  const releaseIn = async (own: Campaign): Promise<number | undefined> => {
    const { release_at, created_at } = await conversionOf(own);
    return release_at === null ? undefined : (Date.parse(release_at) - Date.parse(created_at)) / 3_600_000;
  };

  test("a publisher's override wins, and 0 means at once", async () => {
    const own = await held(long);
    const overrides = (hold_hours: string) => ({ payout_overrides: { [own.offerId]: { hold_hours } } });
    await inbound.stack.adminOk('PATCH', `/publishers/${own.publisherId}`, overrides('0'));
    await approve(own);
    expect(await releaseIn(own)).toBeUndefined();
    expect(await inbound.balance(own)).toBe('4.00');
  });

  test("a goal's own wins over the offer's", async () => {
    const own = await inbound.stack.campaign({ offer: { hold_hours: long, goals: [{ event: 'purchase', hold_hours: '1.5' }] } });
    await approve(own, { event: 'purchase' });
    expect(await releaseIn(own)).toBe(1.5);
  });

  test.each(['2160.1', '-1', 'a day'])('%s hours are refused', async (hold_hours) => {
    const own = await held(long);
    expect((await inbound.stack.admin('PATCH', `/offers/${own.offerId}`, { hold_hours })).status).toBe(400);
  });
});

test('the reconciler finds no gap after all these tests', async () => {
  const client = directClient(inbound.stack.system.endpoints.dynamodb, inbound.stack.system.region);
  const read = await readAll(client, namesOf(inbound.stack.system.tables.values()));
  client.destroy();
  expect(reconcile({ ...read }, { now: Date.now(), graceMs: 60_000, whole: true })).toEqual([]);
});
