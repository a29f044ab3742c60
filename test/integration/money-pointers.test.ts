import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { Campaign } from '../support/local-stack.ts';

/**
 * Contract 1.4, 1.5 and 1.8: the pointers that lead from something that a partner names, from a signed text or from a file to what is known
 * about it.
 */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
}, 120_000);
afterAll(() => inbound.stop());

const said = ({ result, code }: { result?: string; code?: string }) => (result === 'held' ? code : (result ?? code));
const send = async (own: Campaign, parameters: Record<string, string>) => said((await inbound.stack.postback(own.key, parameters)).body);

describe('match_by_transaction leads', () => {
  const matching = () => inbound.stack.campaign({ partner: { match_by_transaction: true, fallback_matching: 'off' } });

  test.each([
    ['its transaction', { transaction_id: 'T' }],
    ['the transaction that it is about', { transaction_id: 'R', original_transaction_id: 'T' }],
    ["the partner's conversion", { conversion_id: 'C' }],
  ])('a reversal without a click id to its conversion by %s', async (_what, named: Record<string, string>) => {
    const own = await matching();
    expect(await send(own, { click_id: own.clickId, payout: '5.00', transaction_id: 'T', conversion_id: 'C' })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('4.00');
    expect(await send(own, { status: 'reversed', ...named })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('0.00');
  });

  test('a reversal by the name that was told later of what had been paid without one', async () => {
    const own = await matching();
    expect(await send(own, { click_id: own.clickId, payout: '5.00' })).toBe('accepted');
    for (const n of ['1', '2'])
      expect(await send(own, { click_id: own.clickId, payout: '5.00', transaction_id: 'T', n })).toBe('duplicate');
    expect(await inbound.balance(own)).toBe('4.00');
    expect(await send(own, { status: 'reversed', transaction_id: 'T' })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('0.00');
  });

  test('to the first conversion of a transaction that two clicks were paid for', async () => {
    const own = await matching();
    const second = await own.newClick('second');
    for (const click_id of [own.clickId, second])
      expect(await send(own, { click_id, payout: '5.00', transaction_id: 'T' })).toBe('accepted');
    expect(await send(own, { status: 'reversed', transaction_id: 'T' })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('0.00');
    expect(await inbound.balance({ ...own, userId: 'second' })).toBe('4.00');
  });

  test('nowhere from an unknown transaction, about which a person decides', async () => {
    expect(await send(await matching(), { status: 'reversed', transaction_id: 'T' })).toBe('unknown_transaction');
  });

  test('only if the partner is set so', async () => {
    const own = await inbound.stack.campaign({ partner: { fallback_matching: 'off' } });
    await send(own, { click_id: own.clickId, payout: '5.00', transaction_id: 'T' });
    expect(await send(own, { status: 'reversed', transaction_id: 'T' })).toBe('missing_click_id');
    expect(await inbound.balance(own)).toBe('4.00');
  });
});

describe('a signed text that vouches for its transaction and has been used', () => {
  const signing = { in: 'query:sig', algorithm: 'md5', message: '{tx}{secret}' };
  const wall = { title: 'A wall', names: { click_id: ['user'], transaction_id: ['tx'], payout: ['usd'], status: ['state'] }, signing };
  const text = (parameters: Record<string, string>) =>
    new URLSearchParams({ ...parameters, sig: createHash('md5').update(`${parameters['tx']}s3cret`).digest('hex') }).toString();

  test('pays nothing new, whatever is added around it', async () => {
    await inbound.stack.adminOk('POST', '/networks', { network_id: 'spent-once', ...wall });
    const own = await inbound.stack.campaign({
      partner: { preset: 'spent-once', signing: { secret: 's3cret' }, fallback_matching: 'off' },
    });
    const second = await own.newClick('second');
    const tell = async (parameters: Record<string, string>) => said((await inbound.stack.postback(own.key, text(parameters))).body);
    expect(await tell({ user: own.clickId, tx: 'T', usd: '5.00' })).toBe('accepted');
    expect(await tell({ user: second, tx: 'T', usd: '5.00' })).toBe('unsigned_value');
    expect(await tell({ user: second, tx: 'T', usd: '9.00' })).not.toBe('accepted');
    expect(await inbound.balance(own)).toBe('4.00');
    expect(await inbound.balance({ ...own, userId: 'second' })).toBe('0.00');
    expect(await tell({ user: own.clickId, tx: 'T', state: 'reversed' })).toBe('accepted');
    expect(await tell({ user: second, tx: 'U', usd: '5.00' })).toBe('accepted');
    expect(await inbound.balance(own)).toBe('0.00');
    expect(await inbound.balance({ ...own, userId: 'second' })).toBe('4.00');
  });
});

describe('2: a file that is imported again', () => {
  const importFile = async (own: Campaign, csv: string): Promise<string[]> => {
    const answer = await inbound.stack.request(`/api/admin/conversions/import?partner_id=${own.partnerId}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${inbound.stack.system.adminToken}`, 'content-type': 'text/csv' },
      body: csv,
    });
    expect(answer.status).toBe(200);
    return answer.body.rows.map(said);
  };

  test('after what it brought was taken back changes nothing', async () => {
    const own = await inbound.stack.campaign();
    const second = await own.newClick('second');
    const file = `click_id,payout,transaction_id\n${own.clickId},5.00,T1\n${second},5.00,\n`;
    expect(await importFile(own, file)).toEqual(['accepted', 'accepted']);
    expect(await send(own, { click_id: own.clickId, status: 'reversed', transaction_id: 'T1' })).toBe('accepted');
    expect(await send(own, { click_id: second, status: 'reversed' })).toBe('accepted');
    for (let times = 0; times < 2; times += 1) expect(await importFile(own, file)).toEqual(['duplicate', 'duplicate']);
    for (const userId of [own.userId, 'second']) expect(await inbound.balance({ ...own, userId })).toBe('0.00');
  });

  test('finds nobody else by guessing', async () => {
    const own = await inbound.stack.campaign({ offer: { campaign_id: 'theirs' } });
    const file = 'offer_id,payout\ntheirs,5.00\n';
    expect(await importFile(own, file)).toEqual(['accepted']);
    await own.newClick('second');
    expect(await importFile(own, file)).toEqual(['duplicate']);
    expect(await inbound.balance(own)).toBe('4.00');
    expect(await inbound.balance({ ...own, userId: 'second' })).toBe('0.00');
  });
});
