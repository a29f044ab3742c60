import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AnyBody, type Campaign, LocalStack } from '../../support/local-stack.ts';

let stack: LocalStack;
let viewer: string;
beforeAll(async () => {
  stack = await LocalStack.start();
  ({
    token: { token: viewer },
  } = await stack.adminOk('POST', '/tokens', { name: 'viewer', role: 'viewer' }));
});
afterAll(() => stack.stop());

const send = async (campaign: Campaign, parameters: Record<string, string>) => (await stack.postback(campaign.key, parameters)).body;
const conversionOf = async (id: string) => (await stack.adminOk('GET', `/conversions/${id}`)).conversion;
const list = async (query: string) => (await stack.adminOk('GET', `/conversions?${query}`)).conversions;
const setStatus = (id: string, body: object, token?: string) => stack.admin('POST', `/conversions/${id}/status`, body, token);
const balance = (campaign: Campaign, expected: string) =>
  stack.eventually(async () => expect((await stack.points(campaign.publisherId, campaign.userId)).balance).toBe(expected));
const heldId = async (campaign: Campaign) => (await list(`partner_id=${campaign.partnerId}&status=held`))[0].conversion_id;
const mainId = (campaign: Campaign) => `${campaign.clickId}.complete`;
/** Waits until a conversion is settled and each of its deliveries has arrived. */
const finished = (id: string) =>
  stack.eventually(async () => {
    const conversion = await conversionOf(id);
    expect(conversion.settled).toBe(true);
    expect(conversion.deliveries.every(({ status }: AnyBody) => status === 'delivered')).toBe(true);
    return conversion;
  });

describe('GET /conversions', () => {
  test('lists by partner, publisher, offer, status and time, newest first', async () => {
    const campaign = await stack.campaign();
    const second = await campaign.newClick('second');
    await send(campaign, { click_id: campaign.clickId, payout: '5' });
    await send(campaign, { click_id: second, payout: '5', status: 'rejected' });
    await send(campaign, { click_id: await campaign.newClick('third'), payout: '5', status: 'what' });
    await stack.eventually(async () => expect(await list(`publisher_id=${campaign.publisherId}`)).toHaveLength(3));
    const statuses = async (query: string) => (await list(query)).map(({ status }: AnyBody) => status);
    expect(await statuses(`partner_id=${campaign.partnerId}`)).toEqual(['held', 'rejected', 'approved']);
    expect(await statuses(`partner_id=${campaign.partnerId}&publisher_id=${campaign.publisherId}&status=approved`)).toEqual(['approved']);
    expect(await statuses(`partner_id=nobody&publisher_id=${campaign.publisherId}`)).toEqual([]);
    expect(await statuses(`offer_id=${campaign.offerId}&status=rejected`)).toEqual(['rejected']);
    expect(await statuses(`offer_id=${campaign.offerId}&status=held`)).toEqual(['held']);
    expect(await statuses(`offer_id=${campaign.offerId}&to=2020-01-01`)).toEqual([]);
  });

  test('finds what people quote: any transaction that was named and any user, for held and rejected ones too', async () => {
    const campaign = await stack.campaign();
    const clicks = [await campaign.newClick('quoting'), await campaign.newClick('quoting'), await campaign.newClick('quoting')];
    const [paid = '', odd = '', refused = ''] = clicks;
    await send(campaign, { click_id: paid, payout: '5', transaction_id: 'C-1' });
    await send(campaign, { click_id: paid, status: 'reversed', payout: '2', transaction_id: 'R-1', original_transaction_id: 'C-1' });
    await send(campaign, { click_id: paid, payout: '7', transaction_id: 'C-1' });
    await send(campaign, { click_id: odd, payout: '5', status: 'what', transaction_id: 'C-2' });
    await send(campaign, { click_id: refused, payout: '5', status: 'rejected' });
    await send(campaign, { click_id: campaign.clickId, payout: '1' });
    const idsOf = async (query: string) => (await list(query)).map(({ conversion_id }: AnyBody) => conversion_id);
    const partner = `partner_id=${campaign.partnerId}`;
    const held = await idsOf(`${partner}&status=held&code=unknown_status`);
    expect(await idsOf(`${partner}&transaction_id=R-1`)).toEqual([`${paid}.complete`]);
    expect(await idsOf('transaction_id=C-1')).toContain(`${paid}.complete`);
    expect(await idsOf(`transaction_id=C-1&status=reversed&${partner}`)).toEqual([`${paid}.complete`]);
    expect(await idsOf(`transaction_id=C-2&${partner}`)).toEqual(held);
    expect(await idsOf(`transaction_id=C-2&${partner}&status=approved`)).toEqual([]);
    const own = await list(`user_id=quoting&publisher_id=${campaign.publisherId}`);
    expect(own.map(({ status, code }: AnyBody) => [status, code])).toEqual([
      ['rejected', null],
      ['held', 'unknown_status'],
      ['held', 'conflict'],
      ['reversed', null],
    ]);
    expect(await idsOf('user_id=quoting&publisher_id=nobody')).toEqual([]);
    expect(await idsOf(`user_id=quoting&offer_id=${campaign.offerId}&status=rejected`)).toEqual([`${refused}.complete`]);
    const bulk = { filter: { user_id: 'quoting', partner_id: campaign.partnerId, status: 'held' }, status: 'rejected', reason: 'x' };
    expect(await stack.adminOk('POST', '/conversions/status', { ...bulk, dry_run: true })).toMatchObject({ matched: 2 });
  });

  test('refuses a status that does not exist', async () => {
    const answer = await stack.admin('GET', '/conversions?status=paid');
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_status']);
  });

  test('is available as CSV', async () => {
    const answer = await stack.admin('GET', '/conversions?format=csv', undefined, viewer);
    expect(answer.headers.get('content-type')).toContain('text/csv');
    expect(answer.body.split('\r\n')[0]).toMatch(/^"conversion_id","status",/);
  });
});

describe('GET /conversions/{conversion_id}', () => {
  test('shows its postbacks, frozen terms, ledger entries and deliveries', async () => {
    const campaign = await stack.campaign({ placement: { exchange_rate: '100' } });
    const first = await send(campaign, { click_id: campaign.clickId, payout: '5.00', transaction_id: 'T1' });
    await balance(campaign, '400.00');
    const second = await send(campaign, { click_id: campaign.clickId, payout: '2.00', status: 'reversed', reason: 'returned' });
    await balance(campaign, '240.00');
    const conversion = await finished(mainId(campaign));
    expect(conversion).toMatchObject({
      status: 'reversed',
      partner_id: campaign.partnerId,
      publisher_id: campaign.publisherId,
      click_id: campaign.clickId,
      transaction_id: 'T1',
      payout: '5.00',
      downward_payout: '2.40',
      points: '240.00',
      terms: { rule: 'percent', value: '80', source: 'offer', exchange_rate: '100', currency: 'USD' },
      postbacks: [{ log_id: first.log_id }, { log_id: second.log_id }],
      ledger_entries: [
        { points: '400.00', payout: '4.00', status: 'approved', log_id: first.log_id, balance: '400.00' },
        { points: '-160.00', payout: '-1.60', status: 'reversed', reason: 'returned', balance: '240.00' },
      ],
      deliveries: [{ status: 'delivered' }, { status: 'delivered', attempts: [{ code: 'http_200', http_status: 200 }] }],
      steps: [{ downward_payout: '4.00' }, { downward_payout: '-1.60', reason: 'returned' }],
    });
  });

  test('answers 404 for one that does not exist', async () => {
    const answer = await stack.admin('GET', '/conversions/CLK-NONE.complete');
    expect([answer.status, answer.body.code]).toEqual([404, 'conversion_not_found']);
    expect((await setStatus('CLK-NONE.complete', { status: 'approved', reason: 'x' })).status).toBe(404);
  });
});

describe('POST /conversions/{conversion_id}/status', () => {
  test('settles a held event whose name holds a slash, which is found and taken back afterwards', async () => {
    const campaign = await stack.campaign();
    const answer = await stack.postback(campaign.key, { click_id: campaign.clickId, payout: '5.00', event: 'a/b' });
    expect(answer.body).toMatchObject({ result: 'held', code: 'unknown_event' });
    const { log } = await stack.adminOk('GET', `/received-postbacks/${answer.body.log_id}`);
    const decided = { status: 'approved', reason: 'meant' };
    await stack.adminOk('POST', `/conversions/${log.conversion_id}/status`, decided);
    const [{ conversion_id }] = await list(`partner_id=${campaign.partnerId}`);
    const path = `/conversions/${encodeURIComponent(conversion_id)}`;
    const { conversion } = await stack.adminOk('GET', path);
    expect(conversion).toMatchObject({ status: 'approved', event: 'a/b' });
    expect(await stack.adminOk('POST', `${path}/status`, { status: 'reversed', reason: 'not meant' })).toMatchObject({
      conversion: { status: 'reversed' },
    });
  });

  test('approves a held postback of an unknown status, once', async () => {
    const campaign = await stack.campaign();
    const { log_id } = await send(campaign, { click_id: campaign.clickId, payout: '5', status: 'what' });
    const id = await heldId(campaign);
    const settled = await setStatus(id, { status: 'approved', reason: 'they said so by mail' });
    expect(settled.status).toBe(200);
    expect(settled.body.conversion).toMatchObject({ conversion_id: mainId(campaign), status: 'approved' });
    await balance(campaign, '4.00');
    expect((await conversionOf(id)).steps).toMatchObject([
      { status: 'approved', reason: 'they said so by mail', by: expect.any(String), log_id },
    ]);
    expect(await list(`partner_id=${campaign.partnerId}&status=held`)).toEqual([]);
    const { log } = await stack.adminOk('GET', `/received-postbacks/${log_id}`);
    expect(log).toMatchObject({ result: 'accepted', earlier: [{ result: 'held', code: 'unknown_status' }] });
    const again = await setStatus(id, { status: 'approved', reason: 'again' });
    expect([again.status, again.body.code]).toEqual([409, 'no_change']);
    expect((await send(campaign, { click_id: campaign.clickId, payout: '5', status: 'what' })).result).toBe('duplicate');
    await balance(campaign, '4.00');
  });

  test('pays once when two people settle the same postback', async () => {
    const campaign = await stack.campaign();
    await send(campaign, { click_id: campaign.clickId, payout: '5', status: 'what' });
    const id = await heldId(campaign);
    const answers = await Promise.all([1, 2, 3, 4].map((one) => setStatus(id, { status: 'approved', reason: `person ${one}` })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await conversionOf(id)).steps).toHaveLength(1);
    await balance(campaign, '4.00');
  });

  test('needs a payout if the offer pays a percentage and the postback has none', async () => {
    const campaign = await stack.campaign();
    expect((await send(campaign, { click_id: campaign.clickId })).code).toBe('missing_payout');
    const id = await heldId(campaign);
    const without = await setStatus(id, { status: 'approved', reason: 'pay it' });
    expect([without.status, without.body.code]).toEqual([409, 'missing_payout']);
    expect((await setStatus(id, { status: 'approved', reason: 'pay it', payout: '7.50' })).status).toBe(200);
    await balance(campaign, '6.00');
  });

  test('takes the click that a person names if several could be meant', async () => {
    const campaign = await stack.campaign({ offer: { campaign_id: 'WHICH' } });
    await campaign.newClick('somebody-else');
    expect((await send(campaign, { offer_id: 'WHICH', payout: '5' })).code).toBe('several_candidates');
    const id = await heldId(campaign);
    const without = await setStatus(id, { status: 'approved', reason: 'pay it' });
    expect([without.status, without.body.code]).toEqual([409, 'click_needed']);
    expect((await setStatus(id, { status: 'approved', reason: 'pay it', click_id: 'CLK-NOBODY' })).body.code).toBe('click_not_found');
    expect((await setStatus(id, { status: 'approved', reason: 'pay it', click_id: campaign.clickId })).status).toBe(200);
    await balance(campaign, '4.00');
  });

  test('sets a contradicting postback aside without touching what is paid', async () => {
    const campaign = await stack.campaign();
    await send(campaign, { click_id: campaign.clickId, payout: '5', transaction_id: 'T1' });
    await balance(campaign, '4.00');
    const { log_id, code } = await send(campaign, { click_id: campaign.clickId, payout: '9', transaction_id: 'T1' });
    expect(code).toBe('conflict');
    const id = await heldId(campaign);
    const aside = await setStatus(id, { status: 'rejected', reason: 'a mistake of theirs' });
    expect(aside.body.conversion).toMatchObject({ conversion_id: id, status: 'rejected', code: 'conflict' });
    expect(await conversionOf(mainId(campaign))).toMatchObject({ status: 'approved', downward_payout: '4.00' });
    const { log } = await stack.adminOk('GET', `/received-postbacks/${log_id}`);
    expect(log.message).toContain('a mistake of theirs');
    expect((await setStatus(id, { status: 'rejected', reason: 'again' })).body.code).toBe('no_change');
  });

  test('does not approve a contradicting postback while another is paid, but does after that is taken back', async () => {
    const campaign = await stack.campaign();
    await send(campaign, { click_id: campaign.clickId, payout: '5', transaction_id: 'T1' });
    await balance(campaign, '4.00');
    await send(campaign, { click_id: campaign.clickId, payout: '9', transaction_id: 'T1' });
    const id = await heldId(campaign);
    const refused = await setStatus(id, { status: 'approved', reason: 'the right amount' });
    expect([refused.status, refused.body.code]).toEqual([409, 'conflict']);
    expect((await setStatus(mainId(campaign), { status: 'reversed', reason: 'the wrong amount' })).status).toBe(200);
    expect((await setStatus(id, { status: 'approved', reason: 'the right amount' })).status).toBe(200);
    await balance(campaign, '7.20');
    const { entries } = await stack.points(campaign.publisherId, campaign.userId);
    expect(entries.map(({ points }: AnyBody) => points)).toEqual(['7.20', '-4.00', '4.00']);
  });

  test('corrects the amount of what is paid', async () => {
    const campaign = await stack.campaign();
    await send(campaign, { click_id: campaign.clickId, payout: '5', transaction_id: 'T1' });
    await balance(campaign, '4.00');
    expect((await setStatus(mainId(campaign), { status: 'approved', reason: 'the right amount', payout: '9' })).status).toBe(200);
    await balance(campaign, '7.20');
    const { entries } = await stack.points(campaign.publisherId, campaign.userId);
    expect(entries.map(({ points }: AnyBody) => points)).toEqual(['3.20', '4.00']);
  });

  test('approves a pending one, reverses it in part and then the rest, and tells the publisher', async () => {
    const campaign = await stack.campaign();
    await send(campaign, { click_id: campaign.clickId, payout: '10', status: 'pending' });
    const id = mainId(campaign);
    expect((await setStatus(id, { status: 'approved', reason: 'checked' })).status).toBe(200);
    await balance(campaign, '8.00');
    expect((await setStatus(id, { status: 'approved', reason: 'checked again' })).body.code).toBe('no_change');
    expect((await setStatus(id, { status: 'pending', reason: 'wait' })).body.code).toBe('not_allowed');
    expect((await setStatus(id, { status: 'reversed', reason: 'a part', payout: 2.5 })).status).toBe(200);
    await balance(campaign, '6.00');
    expect((await setStatus(id, { status: 'reversed', reason: 'the rest' })).status).toBe(200);
    await balance(campaign, '0.00');
    expect((await setStatus(id, { status: 'reversed', reason: 'more' })).body.code).toBe('no_change');
    const conversion = await finished(id);
    expect(conversion.deliveries).toHaveLength(4);
    expect(conversion.postbacks.map(({ key_id }: AnyBody) => key_id).slice(1)).toEqual(['by_hand', 'by_hand', 'by_hand']);
    expect(conversion.ledger_entries.map(({ points }: AnyBody) => points)).toEqual(['8.00', '-2.00', '-6.00']);
  });

  test('is audited with its reason', async () => {
    const campaign = await stack.campaign();
    await send(campaign, { click_id: campaign.clickId, payout: '5', status: 'pending' });
    await setStatus(mainId(campaign), { status: 'rejected', reason: 'fraud ring' });
    const { entries } = await stack.adminOk('GET', '/audit?limit=200');
    const entry = entries.find((one: AnyBody) => one.id === mainId(campaign));
    expect(entry).toMatchObject({
      action: 'conversion.settled_by_hand',
      before: { status: 'pending' },
      after: { status: 'rejected', reason: 'fraud ring' },
    });
  });

  test.each([
    [{ status: 'approved' }, 'reason'],
    [{ status: 'held', reason: 'x' }, 'status'],
    [{ status: 'approved', reason: 'x', payout: '-1' }, 'payout'],
    [{ status: 'approved', reason: 'x', amount: '1' }, 'amount'],
    [{ status: 'approved', reason: 'x', click_id: 'CLK-OTHER' }, 'click_id'],
  ])('refuses %j and names the field', async (body, field) => {
    const campaign = await stack.campaign();
    await send(campaign, { click_id: campaign.clickId, payout: '5', status: 'pending' });
    const answer = await setStatus(mainId(campaign), body);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_body']);
    expect(answer.body.message).toContain(field);
  });

  test('is refused to viewers', async () => {
    expect((await setStatus('CLK-NONE.complete', { status: 'approved', reason: 'x' }, viewer)).status).toBe(403);
  });
});
