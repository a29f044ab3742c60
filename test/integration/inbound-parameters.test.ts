import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { Campaign } from '../support/local-stack.ts';

/** Contract 1.2: the standard parameters, their aliases, a partner's mapping and its defaults. */

let inbound: Inbound;
let campaign: Campaign;
beforeAll(async () => {
  inbound = await Inbound.start();
  const macros = ['affiliate_id', 'country', 'ip', 'device_id', 'reason', 'transaction_id'].map((name) => `${name}={${name}}`).join('&');
  campaign = await inbound.stack.campaign({
    offer: { campaign_id: 'their-offer', goals: [{ event: 'signup' }] },
    publisher: { postback_url: `${inbound.stack.publisher.url}/seen?click_id={click_id}&${macros}` },
  });
});
afterAll(() => inbound.stop());

describe('names of the click', () => {
  test.each(['click_id', 'clickid', 'aff_click_id', 'aff_sub', 'subid', 's1'])('%s', async (name) => {
    const clickId = await campaign.newClick();
    const { answer, log } = await inbound.send(campaign.key, { [name]: clickId, payout: '5.00' });
    expect(answer.body.result).toBe('accepted');
    expect(log).toMatchObject({ click_id: clickId, custom_data: {} });
  });
});

const logged: [name: string, value: string, log: object][] = [
  ['status', 'pending', { status: 'pending' }],
  ['conversion_status', 'pending', { status: 'pending' }],
  ['payout', '2.50', { payout: '2.5' }],
  ['amount', '2.50', { payout: '2.5' }],
  ['revenue', '2.50', { payout: '2.5' }],
  ['currency', 'eur', { currency: 'EUR' }],
  ['offer_id', 'their-offer', { flags: [] }],
  ['offer_id', 'another', { flags: ['offer_mismatch'] }],
  ['oid', 'another', { flags: ['offer_mismatch'] }],
  ['campaign_id', 'another', { flags: ['offer_mismatch'] }],
  ['survey_id', 'their-offer', { flags: [] }],
  ['survey_id', 'another', { flags: ['offer_mismatch'] }],
  ['transaction_id', 'T-1', { transaction_id: 'T-1' }],
  ['txn_id', 'T-1', { transaction_id: 'T-1' }],
  ['trans_id', 'T-1', { transaction_id: 'T-1' }],
  ['tx_id', 'T-1', { transaction_id: 'T-1' }],
  ['trans', 'T-1', { transaction_id: 'T-1' }],
  ['event', 'Signup', { event: 'signup' }],
  ['event_type', 'signup', { event: 'signup' }],
  ['goal', 'signup', { event: 'signup' }],
  ['action', 'signup', { event: 'signup' }],
  ['conversion_type', 'signup', { event: 'signup' }],
];

describe('names that the log shows', () => {
  test.each(logged)('%s=%s', async (name, value, expected) => {
    const usual = { click_id: await campaign.newClick(), ...(Object.hasOwn(expected, 'payout') ? {} : { payout: '5.00' }) };
    const { answer, log } = await inbound.send(campaign.key, { ...usual, [name]: value });
    expect(answer.body.result).toBe('accepted');
    expect(log).toMatchObject({ custom_data: {}, ...expected });
  });
});

const forwarded: [name: string, macro: string][] = [
  ['aff_id', 'affiliate_id'],
  ['affiliate_id', 'affiliate_id'],
  ['country', 'country'],
  ['country_code', 'country'],
  ['ip', 'ip'],
  ['device_id', 'device_id'],
  ['reason', 'reason'],
  ['chargeback_reason', 'reason'],
  ['term_reason', 'reason'],
  ['reversal_reason', 'reason'],
];

describe('names that the publisher is sent', () => {
  test.each(forwarded)('%s as {%s}', async (name, macro) => {
    const clickId = await campaign.newClick();
    const { log } = await inbound.send(campaign.key, { click_id: clickId, payout: '5.00', [name]: 'a value' });
    expect(log.custom_data).toEqual({});
    const told = await inbound.stack.eventually(() => {
      const found = inbound.stack.publisher.requests.find(({ query }) => query.get('click_id') === clickId);
      if (found === undefined) throw new Error('not told yet');
      return found;
    }, 30_000);
    expect(told.query.get(macro)).toBe('a value');
  });
});

test.each(['user_id', 'sub_id', 'sub', 'sub_id1', 'sub1', 'sub_id5', 'sub5', 'user_agent'])(
  '%s is kept with the request, and is no custom data',
  async (name) => {
    const { log } = await inbound.send(campaign.key, { click_id: await campaign.newClick(), payout: '5.00', [name]: 'kept' });
    expect(log).toMatchObject({ result: 'accepted', custom_data: {} });
    expect(log.raw.query).toContain(`${name}=kept`);
  },
);

test("conversion_id is kept as the partner's", async () => {
  const clickId = await campaign.newClick();
  const { log } = await inbound.send(campaign.key, { click_id: clickId, payout: '5.00', conversion_id: 'theirs' });
  expect(await inbound.conversion(log.conversion_id)).toMatchObject({ partner_conversion_id: 'theirs' });
});

test('user_id never decides who is paid: the click does', async () => {
  const clickId = await campaign.newClick('right');
  await inbound.send(campaign.key, { click_id: clickId, payout: '5.00', user_id: 'wrong', affiliate_id: 'wrong' });
  expect(await inbound.balance({ ...campaign, userId: 'right' })).toBe('4.00');
  expect(await inbound.balance({ ...campaign, userId: 'wrong' })).toBe('0.00');
});

test.each(['cid', 'state', 'id', 'hash'])('%s is no alias', async (name) => {
  const { log } = await inbound.send(campaign.key, { click_id: await campaign.newClick(), payout: '5.00', [name]: 'rejected' });
  expect(log).toMatchObject({ status: 'approved', custom_data: { [name]: 'rejected' } });
});

describe('an absent parameter', () => {
  test('has a default: status approved, event complete, the default currency, and a transaction id of ours', async () => {
    const clickId = await campaign.newClick();
    const { log } = await inbound.send(campaign.key, { click_id: clickId, payout: '5.00' });
    expect(log).toMatchObject({ status: 'approved', event: 'complete', transaction_id: null });
    expect(await inbound.conversion(log.conversion_id)).toMatchObject({ currency: 'USD', transaction_id: expect.stringMatching(/^GEN-/) });
  });

  test("takes the partner's currency, if the partner has one", async () => {
    const own = await inbound.stack.campaign({ partner: { currency: 'EUR' } });
    const { log } = await inbound.send(own.key, { click_id: own.clickId, payout: '42.50' });
    expect(await inbound.conversion(log.conversion_id)).toMatchObject({ currency: 'EUR' });
    expect(await inbound.balance(own)).toBe('34.00');
  });

  test('does not matter if it is the payout and the offer pays a fixed amount', async () => {
    const own = await inbound.stack.campaign({ offer: { revenue_share_percent: null, payout: '2.50' } });
    await inbound.send(own.key, { click_id: own.clickId });
    expect(await inbound.balance(own)).toBe('2.50');
  });

  test('holds the postback if it is the payout and a percentage would pay, while an explicit 0 is 0', async () => {
    const { answer } = await inbound.send(campaign.key, { click_id: await campaign.newClick() });
    expect(answer.body).toMatchObject({ status: 'success', result: 'held', code: 'missing_payout' });
    const { answer: zero } = await inbound.send(campaign.key, { click_id: await campaign.newClick('zero'), payout: '0' });
    expect(zero.body.result).toBe('accepted');
    expect(await inbound.balance({ ...campaign, userId: 'zero' })).toBe('0.00');
  });
});

describe("a partner's own names", () => {
  const mapped = (partner: object) => inbound.stack.campaign({ partner });

  test('in parameter_mapping come before the aliases, and switch off those of the mapped parameter', async () => {
    const own = await mapped({ parameter_mapping: { their_click: 'click_id', pay: 'payout', tx: 'transaction_id' } });
    const { log } = await inbound.send(own.key, {
      their_click: own.clickId,
      pay: '5.00',
      tx: 'T-1',
      amount: '900',
      s1: 'theirs',
      trans_id: 'x',
    });
    expect(log).toMatchObject({
      result: 'accepted',
      click_id: own.clickId,
      payout: '5',
      transaction_id: 'T-1',
      custom_data: { amount: '900', s1: 'theirs', trans_id: 'x' },
    });
    expect(await inbound.balance(own)).toBe('4.00');
  });

  test('mean only what they are mapped to', async () => {
    const own = await mapped({ parameter_mapping: { status: 'transaction_id', cid: 'click_id' } });
    const { log } = await inbound.send(own.key, { cid: own.clickId, payout: '5.00', status: 'rejected' });
    expect(log).toMatchObject({ result: 'accepted', status: 'approved', transaction_id: 'rejected' });
  });

  test('in parameter_defaults fill values that are not sent, are empty or still contain their macro', async () => {
    const own = await mapped({ parameter_defaults: { payout: '5.00', currency: 'EUR', status: 'approved' } });
    for (const payout of [undefined, '', '{payout}']) {
      const { log } = await inbound.send(own.key, { click_id: await own.newClick(), ...(payout !== undefined && { payout }) });
      expect(log).toMatchObject({ result: 'accepted', payout: '5', currency: 'EUR' });
    }
    const { log } = await inbound.send(own.key, { click_id: await own.newClick(), payout: '7.00', currency: 'USD' });
    expect(log).toMatchObject({ payout: '7', currency: 'USD' });
  });

  test('of a preset make the aliases custom data: Torox sends payout and amount', async () => {
    const own = await mapped({ preset: 'torox', ip_policy: 'off' });
    const { log } = await inbound.send(own.key, { user_id: own.clickId, id: 'T-1', payout: '5.00', amount: '5000' });
    expect(log).toMatchObject({ result: 'accepted', payout: '5', custom_data: { amount: '5000' } });
  });

  test("in a mapping override the preset's names", async () => {
    const own = await mapped({ preset: 'adgate', ip_policy: 'off', parameter_mapping: { s3: 'click_id' } });
    const { log } = await inbound.send(own.key, { s3: own.clickId, s1: 'a', s2: 'b', conversion_id: 'T-1', payout: '5.00' });
    expect(log).toMatchObject({ result: 'accepted', click_id: own.clickId, custom_data: { s1: 'a', s2: 'b' } });
  });
});

describe('a body that cannot be read', () => {
  const unreadable: [what: string, headers: Record<string, string>, body: string][] = [
    ['as JSON', { 'content-type': 'application/json' }, '{"click_id":'],
    ['as a form of parts', { 'content-type': 'multipart/form-data; boundary=b' }, 'no part'],
    ['in its encoding', { 'content-encoding': 'zstd' }, 'payout=500.00'],
  ];

  test.each(unreadable)('%s: is kept and flagged beside a query that names a click', async (_what, headers, body) => {
    const clickId = await campaign.newClick();
    const query = { click_id: clickId, payout: '5.00' };
    const { answer, log } = await inbound.send(campaign.key, query, { method: 'POST', headers, body });
    expect([answer.status, answer.body.result]).toEqual([200, 'accepted']);
    expect(log).toMatchObject({ click_id: clickId, payout: '5', flags: ['body_ignored'], custom_data: {}, raw: { body } });
  });

  test.each(unreadable)('%s: is refused where the query names none', async (_what, headers, body) => {
    const { answer, log } = await inbound.send(campaign.key, { payout: '5.00' }, { method: 'POST', headers, body });
    expect([400, 415]).toContain(answer.status);
    expect(log.flags).not.toContain('body_ignored');
  });

  test.each(unreadable)(
    '%s: is refused beside an empty click id, and no click is guessed from what is left',
    async (_what, headers, body) => {
      const own = await inbound.stack.campaign();
      const query = { click_id: ' ', offer_id: own.offerId, payout: '5.00' };
      const { answer, log } = await inbound.send(own.key, query, { method: 'POST', headers, body });
      expect(['invalid_body', 'unsupported_media_type']).toContain(answer.body.code);
      expect(log.flags).not.toContain('body_ignored');
    },
  );
});
