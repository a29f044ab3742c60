import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Inbound } from '../support/inbound.ts';
import type { AnyBody, Campaign } from '../support/local-stack.ts';
import { storeClick } from '../support/tables.ts';

/** Contract 1.7: a request that failed can be processed again once the cause is fixed. */

let inbound: Inbound;
beforeAll(async () => {
  inbound = await Inbound.start();
});
afterAll(() => inbound.stop());

const reprocess = (logId: string) => inbound.stack.admin('POST', `/received-postbacks/${logId}/reprocess`);

interface Cause {
  readonly partner?: object;
  readonly offer?: object;
  readonly sent: Record<string, string>;
  readonly code: string;
  readonly fix: (own: Campaign) => Promise<unknown>;
}
const patchPartner = (change: object) => (own: Campaign) => inbound.stack.adminOk('PATCH', `/partners/${own.partnerId}`, change);
const patchOffer = (change: object) => (own: Campaign) => inbound.stack.adminOk('PATCH', `/offers/${own.offerId}`, change);

const causes: [cause: string, Cause][] = [
  [
    'a status word is mapped',
    { sent: { status: 'bezahlt' }, code: 'unknown_status', fix: patchPartner({ status_mapping: { bezahlt: 'approved' } }) },
  ],
  ['an event is declared', { sent: { event: 'install' }, code: 'unknown_event', fix: patchOffer({ goals: [{ event: 'install' }] }) }],
  [
    'the click is stored late',
    {
      sent: { click_id: 'CLK-LATE' },
      code: 'click_not_found',
      fix: (own) =>
        storeClick(inbound.stack, {
          click_id: 'CLK-LATE',
          offer_id: own.offerId,
          partner_id: own.partnerId,
          publisher_id: own.publisherId,
          placement_id: own.placementId,
          user_id: own.userId,
          clicked_at: new Date().toISOString(),
        }),
    },
  ],
  [
    'a parameter is mapped',
    {
      sent: { click_id: '', their_click: 'CLICK' },
      code: 'missing_click_id',
      fix: patchPartner({ parameter_mapping: { their_click: 'click_id' } }),
    },
  ],
  [
    'the partner is active again',
    { partner: { status: 'inactive' }, sent: {}, code: 'partner_inactive', fix: patchPartner({ status: 'active' }) },
  ],
  [
    'the address is listed',
    {
      partner: { allowed_ips: ['192.0.2.1'], ip_policy: 'enforce' },
      sent: {},
      code: 'ip_not_allowed',
      fix: patchPartner({ allowed_ips: ['127.0.0.1'] }),
    },
  ],
  ['a payout is known', { sent: { payout: '' }, code: 'missing_payout', fix: patchPartner({ parameter_defaults: { payout: '5.00' } }) }],
];

describe('accepted, with points, once', () => {
  test.each(causes)('%s', async (_cause, { partner, offer, sent, code, fix }) => {
    const own = await inbound.stack.campaign({ ...(partner && { partner }), ...(offer && { offer }) });
    const parameters = Object.fromEntries(
      Object.entries({ click_id: own.clickId, payout: '5.00', transaction_id: 'T', ...sent }).map(([name, value]) => [
        name,
        value === 'CLICK' ? own.clickId : value,
      ]),
    );
    const { answer, log } = await inbound.send(own.key, parameters);
    expect(answer.body.code).toBe(code);
    expect(await inbound.balance(own)).toBe('0.00');

    const unfixed = await reprocess(log.log_id);
    expect(unfixed).toMatchObject({ status: 200, body: { code } });
    await fix(own);
    const again = await reprocess(log.log_id);
    expect(again).toMatchObject({ status: 200, body: { result: 'accepted', code: null, log: { log_id: log.log_id, result: 'accepted' } } });
    expect(again.body.log.earlier.map((one: AnyBody) => one.code)).toEqual([code, code]);
    expect(await inbound.balance(own)).toBe('4.00');

    expect(await reprocess(log.log_id)).toMatchObject({ status: 409, body: { code: 'already_processed' } });
    expect((await inbound.send(own.key, parameters)).answer.body).toMatchObject({ result: 'duplicate' });
    expect(await inbound.balance(own)).toBe('4.00');
    expect((await inbound.conversions(own.partnerId)).map(({ status }) => status)).toEqual(['approved']);
  });
});

test('a signature that was refused for its secret is checked again with the right one', async () => {
  const own = await inbound.stack.campaign({ partner: { preset: 'torox', ip_policy: 'off', signing: { secret: 'wrong' } } });
  const sig = createHash('md5').update(`7-${own.clickId}-right`).digest('hex');
  const { log } = await inbound.send(own.key, { user_id: own.clickId, oid: '7', id: 'T', payout: '5.00', sig });
  expect(log).toMatchObject({ code: 'signature_invalid' });
  expect((await reprocess(log.log_id)).body).toMatchObject({ code: 'signature_invalid' });
  await inbound.stack.adminOk('PATCH', `/partners/${own.partnerId}`, { signing: { secret: 'right', replace: true } });
  expect((await reprocess(log.log_id)).body).toMatchObject({ result: 'accepted' });
  expect(await inbound.balance(own)).toBe('4.00');
});

test('a signature over the URL with the key cannot be checked again, and is not believed', async () => {
  const own = await inbound.stack.campaign({ partner: { preset: 'bitlabs', signing: { secret: 'wrong' } } });
  const query = `uid=${own.clickId}&tx=T&raw=5.00`;
  const hash = createHmac('sha1', 'right').update(`${inbound.stack.url}/postback/${own.key}?${query}`).digest('hex');
  const { log } = await inbound.send(own.key, `${query}&hash=${hash}`);
  await inbound.stack.adminOk('PATCH', `/partners/${own.partnerId}`, { signing: { secret: 'right', replace: true } });
  expect(await reprocess(log.log_id)).toMatchObject({ status: 409, body: { code: 'signature_not_checkable' } });
  expect(await inbound.balance(own)).toBe('0.00');
});

test.each([
  ['accepted', {}],
  ['test', { status: 'test' }],
  ['logged', { event: 'terminate' }],
])('what was %s is not processed again', async (result, more) => {
  const own = await inbound.stack.campaign();
  const { log } = await inbound.send(own.key, { click_id: own.clickId, payout: '5.00', ...more });
  expect(log.result).toBe(result);
  expect(await reprocess(log.log_id)).toMatchObject({ status: 409, body: { code: 'already_processed' } });
});

test('an unknown log id is not found, and a viewer may not process anything again', async () => {
  expect(await reprocess('01ARZ3NDEKTSV4RRFFQ69G5FAV')).toMatchObject({ status: 404 });
  const { token } = await inbound.stack.adminOk('POST', '/tokens', { name: 'looks on', role: 'viewer' });
  const viewer = typeof token === 'string' ? token : token.token;
  expect((await inbound.stack.admin('POST', '/received-postbacks/01ARZ3NDEKTSV4RRFFQ69G5FAV/reprocess', undefined, viewer)).status).toBe(
    403,
  );
});

describe('a conflict that is processed again with nothing changed', () => {
  test.each([
    ['another amount', { status: 'approved', payout: '4.00', transaction_id: 'a' }, { payout: '5.00', transaction_id: 'b' }, '3.20'],
    [
      'a pending after its approval',
      { payout: '4.00', transaction_id: 'a' },
      { status: 'pending', payout: '4.00', transaction_id: 'a' },
      '3.20',
    ],
  ])(
    '%s: is still held, and can be settled by hand',
    async (_what, first: Record<string, string>, second: Record<string, string>, balance) => {
      const own = await inbound.stack.campaign();
      await inbound.send(own.key, { click_id: own.clickId, ...first });
      const { answer } = await inbound.send(own.key, { click_id: own.clickId, ...second });
      expect(answer.body).toMatchObject({ result: 'held', code: 'conflict' });
      for (let times = 0; times < 2; times += 1) {
        expect(await reprocess(answer.body.log_id)).toMatchObject({ status: 200, body: { result: 'held', code: 'conflict' } });
      }
      const [held] = (await inbound.conversions(own.partnerId)).filter(({ status }) => status === 'held');
      expect(await inbound.balance(own)).toBe(balance);
      // The same request again is still a repetition.
      expect((await inbound.send(own.key, { click_id: own.clickId, ...second })).answer.body).toMatchObject({ result: 'duplicate' });
      const settled = await inbound.stack.admin('POST', `/conversions/${held.conversion_id}/status`, {
        status: 'rejected',
        reason: 'theirs',
      });
      expect(settled.status).toBe(200);
      expect((await inbound.stack.points(own.publisherId, own.userId)).balance).toBe(balance);
    },
  );
});
