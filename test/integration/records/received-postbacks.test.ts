import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { type Campaign, LocalStack } from '../../support/local-stack.ts';

let stack: LocalStack;
let viewer: string;
beforeAll(async () => {
  stack = await LocalStack.start();
  ({
    token: { token: viewer },
  } = await stack.adminOk('POST', '/tokens', { name: 'viewer', role: 'viewer' }));
});
afterAll(() => stack.stop());

const missing = '01JZZZZZZZZZZZZZZZZZZZZZZZ';
const send = async (campaign: Campaign, parameters: Record<string, string>) => (await stack.postback(campaign.key, parameters)).body;
const logOf = async (logId: string) => (await stack.adminOk('GET', `/received-postbacks/${logId}`)).log;
const list = (query: string) => stack.adminOk('GET', `/received-postbacks?${query}`);
const idsOf = async (query: string) => (await list(query)).logs.map(({ log_id }: { log_id: string }) => log_id);
const reprocess = (logId: string, token?: string) => stack.admin('POST', `/received-postbacks/${logId}/reprocess`, undefined, token);

describe('GET /received-postbacks', () => {
  let campaign: Campaign;
  let other: Campaign;
  let accepted: string;
  let refused: string;
  let staging: string;
  let stagingKey: string;
  beforeAll(async () => {
    campaign = await stack.campaign();
    other = await stack.campaign();
    ({ unique_key: stagingKey } = await stack.adminOk('POST', '/postback-receiver/generate-key', {
      partner_id: campaign.partnerId,
      label: 'staging',
    }));
    accepted = (await send(campaign, { click_id: campaign.clickId, payout: '5.00', transaction_id: 'T1', color: 'red' })).log_id;
    refused = (await send(campaign, { click_id: 'CLK-NOBODY' })).log_id;
    staging = (await stack.postback(stagingKey, { click_id: campaign.clickId })).body.log_id;
    await send(other, { click_id: other.clickId, payout: '1' });
  });

  test('lists newest first, with entries of one shape, whatever the filter', async () => {
    const all = await list('limit=200');
    const ofPartner = await list(`partner_id=${campaign.partnerId}`);
    const ids = all.logs.map(({ log_id }: { log_id: string }) => log_id);
    expect(ids).toEqual([...ids].sort().reverse());
    expect(ofPartner.logs.map(({ log_id }: { log_id: string }) => log_id)).toEqual([staging, refused, accepted]);
    expect(Object.keys(ofPartner.logs[0])).toEqual(Object.keys(all.logs[0]));
    expect(all.logs).toContainEqual(ofPartner.logs[2]);
  });

  test('filters by result, code, click and key', async () => {
    const partner = `partner_id=${campaign.partnerId}`;
    expect(await idsOf(`${partner}&result=accepted`)).toEqual([accepted]);
    expect(await idsOf(`${partner}&code=click_not_found`)).toEqual([refused]);
    expect(await idsOf(`click_id=${campaign.clickId}`)).toEqual([staging, accepted]);
    expect(await idsOf(`unique_key=${stagingKey}`)).toEqual([staging]);
    expect(await idsOf(`unique_key=${stagingKey}&partner_id=${other.partnerId}`)).toEqual([]);
    expect(await idsOf('unique_key=unknown')).toEqual([]);
  });

  test('finds what people quote: a transaction and a user, whatever the result of the postback', async () => {
    const mine = await stack.campaign({ userId: 'quoted user' });
    const said = { click_id: mine.clickId, payout: '5.00', transaction_id: 'Q-1' };
    const first = (await send(mine, said)).log_id;
    const again = (await send(mine, said)).log_id;
    const unknown = (await send(mine, { click_id: 'CLK-NOBODY', transaction_id: 'Q-1', user_id: 'quoted user' })).log_id;
    const untold = (await send(mine, { ...said, transaction_id: 'Q-2', payout: 'much', user_id: 'told' })).log_id;
    await send(mine, { click_id: await mine.newClick('somebody else'), payout: '1', transaction_id: 'Q-3' });
    const partner = `partner_id=${mine.partnerId}`;
    for (const anywhere of ['', `${partner}&`]) {
      expect(await idsOf(`${anywhere}transaction_id=Q-1`)).toEqual([unknown, again, first]);
      expect(await idsOf(`${anywhere}user_id=quoted%20user`)).toEqual([unknown, again, first]);
      expect(await idsOf(`${anywhere}user_id=quoted%20user&transaction_id=Q-1&result=duplicate`)).toEqual([again]);
    }
    expect(await idsOf(`click_id=${mine.clickId}&transaction_id=Q-1`)).toEqual([again, first]);
    expect(await idsOf(`partner_id=${other.partnerId}&transaction_id=Q-1`)).toEqual([]);
    expect(await idsOf(`${partner}&transaction_id=Q-1&to=2020-01-01`)).toEqual([]);
    expect((await logOf(first)).user_id).toBe('quoted user');
    expect(await idsOf(`${partner}&transaction_id=Q-2&user_id=told&code=invalid_payout`)).toEqual([untold]);
    const { matched } = await stack.adminOk('POST', '/received-postbacks/reprocess', { transaction_id: 'Q-1', dry_run: true });
    expect(matched).toBe(1);
    await stack.adminOk('PATCH', `/partners/${mine.partnerId}`, { status: 'inactive' });
    expect(await idsOf('transaction_id=Q-1')).toEqual([unknown, again, first]);
  });

  test('says the same in CSV and about a single entry as in the list', async () => {
    const query = `partner_id=${campaign.partnerId}&limit=200`;
    const { logs } = await list(query);
    const csv = await stack.admin('GET', `/received-postbacks?${query}&format=csv`);
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const rows: Record<string, string>[] = parse(csv.body, { columns: true });
    const text = (value: unknown) => (value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value));
    expect(rows).toEqual(logs.map((log: object) => Object.fromEntries(Object.entries(log).map(([name, value]) => [name, text(value)]))));
    for (const log of logs) {
      const { custom_data, raw, ...summary } = await logOf(log.log_id);
      expect(summary).toEqual(log);
      expect([typeof custom_data, raw.path]).toEqual(['object', '/postback/{key}']);
    }
  });

  test('finds everything about a click, in pages, newest first and each once', async () => {
    const mine = await stack.campaign({ offer: { goals: [{ event: 'purchase', payout: '1' }] } });
    const ids: string[] = [];
    const said = { click_id: mine.clickId, payout: '5.00', transaction_id: 'T1' };
    const postbacks = [
      said,
      said,
      { ...said, payout: '6.00' },
      { ...said, payout: 'much' },
      { click_id: mine.clickId, event: 'purchase' },
      { click_id: mine.clickId, event: 'terminate' },
      { click_id: mine.clickId, status: 'reversed', transaction_id: 'T1', reason: 'fraud' },
      { click_id: mine.clickId, status: 'approved', transaction_id: 'T1', payout: '5.00', date: 'later' },
    ];
    for (const parameters of postbacks) ids.unshift((await send(mine, parameters)).log_id);
    for (const limit of [1, 2, 3, 200]) {
      const seen: string[] = [];
      let cursor = '';
      do {
        const page = await list(`click_id=${mine.clickId}&limit=${limit}&cursor=${cursor}`);
        seen.push(...page.logs.map(({ log_id }: { log_id: string }) => log_id));
        expect(page.logs.length).toBeLessThanOrEqual(limit);
        cursor = page.next_cursor ?? '';
      } while (cursor !== '');
      expect(seen).toEqual(ids);
    }
    const ofClick = `click_id=${mine.clickId}`;
    const results = (await list(`${ofClick}&partner_id=${mine.partnerId}&unique_key=${mine.key}`)).logs.map(
      ({ result }: { result: string }) => result,
    );
    expect(results).toEqual(['duplicate', 'accepted', 'logged', 'accepted', 'error', 'held', 'duplicate', 'accepted']);
    expect(await idsOf(`${ofClick}&result=accepted`)).toEqual([ids[1], ids[3], ids[7]]);
    expect(await idsOf(`${ofClick}&result=duplicate`)).toEqual([ids[0], ids[6]]);
    expect(await idsOf(`${ofClick}&code=invalid_payout`)).toEqual([ids[4]]);
    expect(await idsOf(`${ofClick}&partner_id=${other.partnerId}`)).toEqual([]);
    expect(await idsOf(`${ofClick}&unique_key=${other.key}`)).toEqual([]);
    expect(await idsOf(`${ofClick}&to=2020-01-01`)).toEqual([]);
    expect(await idsOf(`${ofClick}&from=2120-01-01`)).toEqual([]);
    expect(await idsOf(`${ofClick}x`)).toEqual([]);
  });

  test('finds a postback by its click, whatever its result was when it was processed again', async () => {
    const mine = await stack.campaign();
    const { log_id } = await send(mine, { click_id: mine.clickId, payout: '5', status: 'weird' });
    expect(await idsOf(`click_id=${mine.clickId}`)).toEqual([log_id]);
    await stack.adminOk('PATCH', `/partners/${mine.partnerId}`, { status_mapping: { weird: 'approved' } });
    await reprocess(log_id);
    expect(await idsOf(`click_id=${mine.clickId}`)).toEqual([log_id]);
    expect(await idsOf(`click_id=${mine.clickId}&result=accepted`)).toEqual([log_id]);
    expect(await idsOf(`click_id=${mine.clickId}&result=held`)).toEqual([]);
  });

  test('accepts a click id that is too long for an index', async () => {
    const click = 'é'.repeat(2_000);
    // It is sent in a body, because HTTP API accepts at most 10,240 bytes of request line and headers.
    const { key } = await stack.campaign();
    const { log_id, code } = (await stack.postback(key, {}, { method: 'POST', body: new URLSearchParams({ click_id: click }) })).body;
    expect(code).toBe('click_not_found');
    expect((await logOf(log_id)).click_id).toBe(click);
  });

  test('filters by time', async () => {
    const soon = new Date(Date.now() + 60_000).toISOString();
    const before = new Date(Date.now() - 3_600_000).toISOString();
    const partner = `partner_id=${campaign.partnerId}`;
    expect(await idsOf(`${partner}&from=${before}&to=${soon}`)).toHaveLength(3);
    expect(await idsOf(`${partner}&from=${soon}`)).toEqual([]);
    expect(await idsOf(`${partner}&to=${before}`)).toEqual([]);
  });

  test('is paged', async () => {
    const first = await list(`partner_id=${campaign.partnerId}&limit=2`);
    const second = await list(`partner_id=${campaign.partnerId}&limit=2&cursor=${first.next_cursor}`);
    expect(first.logs.map(({ log_id }: { log_id: string }) => log_id)).toEqual([staging, refused]);
    expect(second.logs.map(({ log_id }: { log_id: string }) => log_id)).toEqual([accepted]);
    expect(second.next_cursor).toBeNull();
  });

  test.each([
    ['limit=201', 'invalid_limit'],
    ['result=good', 'invalid_result'],
    ['from=yesterday', 'invalid_from'],
    ['cursor=nonsense', 'invalid_cursor'],
    ['colour=red', 'unknown_parameter'],
  ])('refuses ?%s', async (query, code) => {
    const answer = await stack.admin('GET', `/received-postbacks?${query}`);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
  });

  test('is allowed to viewers, and to nobody without a token', async () => {
    expect((await stack.admin('GET', '/received-postbacks', undefined, viewer)).status).toBe(200);
    expect((await stack.request('/api/admin/received-postbacks')).status).toBe(401);
  });

  test('shows an entry with the request as it came, without the key', async () => {
    const log = await logOf(accepted);
    expect(log).toMatchObject({
      log_id: accepted,
      partner_id: campaign.partnerId,
      result: 'accepted',
      code: null,
      conversion_id: `${campaign.clickId}.complete`,
      transaction_id: 'T1',
      payout: '5',
      custom_data: { color: 'red' },
      raw: { method: 'GET', path: '/postback/{key}' },
    });
    expect(JSON.stringify(log)).not.toContain(campaign.key);
  });

  test('answers 404 for one that does not exist', async () => {
    const answer = await stack.admin('GET', `/received-postbacks/${missing}`);
    expect([answer.status, answer.body.code]).toEqual([404, 'log_not_found']);
  });
});

describe('POST /received-postbacks/{log_id}/reprocess', () => {
  test('pays for what was refused, once its cause is fixed, and keeps the earlier outcomes', async () => {
    const campaign = await stack.campaign();
    const { log_id, code } = await send(campaign, { their_click: campaign.clickId, payout: '5' });
    expect(code).toBe('missing_click_id');
    expect((await reprocess(log_id)).body).toMatchObject({ result: 'error', code: 'missing_click_id' });
    await stack.adminOk('PATCH', `/partners/${campaign.partnerId}`, { parameter_mapping: { their_click: 'click_id' } });
    expect((await reprocess(log_id)).body).toMatchObject({ result: 'accepted', code: null, message: null });
    const earlier = { result: 'error', code: 'missing_click_id', at: expect.any(String), by: expect.any(String) };
    expect(await logOf(log_id)).toMatchObject({ result: 'accepted', click_id: campaign.clickId, earlier: [earlier, earlier] });
    await stack.eventually(async () => expect((await stack.points(campaign.publisherId, campaign.userId)).balance).toBe('4.00'));
  });

  test('accepts what was held for an unknown status, once the status is mapped', async () => {
    const campaign = await stack.campaign();
    const { log_id, result } = await send(campaign, { click_id: campaign.clickId, payout: '5', status: 'weird' });
    expect(result).toBe('held');
    const { conversion_id: heldId } = await logOf(log_id);
    const still = await reprocess(log_id);
    expect(still.body).toMatchObject({ result: 'held', code: 'unknown_status', log: { conversion_id: heldId } });
    expect((await stack.adminOk('GET', `/conversions?partner_id=${campaign.partnerId}`)).conversions).toMatchObject([{ status: 'held' }]);

    await stack.adminOk('PATCH', `/partners/${campaign.partnerId}`, { status_mapping: { weird: 'approved' } });
    const again = await reprocess(log_id);
    expect(again.body).toMatchObject({ result: 'accepted', code: null, log: { log_id, conversion_id: `${campaign.clickId}.complete` } });
    expect(again.body.log.earlier).toHaveLength(2);
    await stack.eventually(async () => expect((await stack.points(campaign.publisherId, campaign.userId)).balance).toBe('4.00'));

    const { conversions } = await stack.adminOk('GET', `/conversions?partner_id=${campaign.partnerId}`);
    expect(conversions).toMatchObject([{ conversion_id: `${campaign.clickId}.complete`, status: 'approved' }]);
    const { conversion } = await stack.adminOk('GET', `/conversions/${heldId}`);
    expect(conversion.conversion_id).toBe(`${campaign.clickId}.complete`);
  });

  test('finds the click of one that had several candidates, once only one is left', async () => {
    const campaign = await stack.campaign({ offer: { campaign_id: 'SEVERAL' } });
    const second = await campaign.newClick('somebody-else');
    const { log_id, code } = await send(campaign, { offer_id: 'SEVERAL', payout: '5' });
    expect(code).toBe('several_candidates');
    await send(campaign, { click_id: second, payout: '5' });
    const again = await reprocess(log_id);
    expect(again.body).toMatchObject({
      result: 'accepted',
      log: { conversion_id: `${campaign.clickId}.complete`, flags: ['recent_offer'] },
    });
    await stack.eventually(async () => expect((await stack.points(campaign.publisherId, campaign.userId)).balance).toBe('4.00'));
    expect((await send(campaign, { offer_id: 'SEVERAL', payout: '5' })).result).toBe('duplicate');
  });

  test('refuses what has been processed, and pays once however often it is called', async () => {
    const campaign = await stack.campaign({ partner: { status: 'inactive' } });
    const { log_id, code } = await send(campaign, { click_id: campaign.clickId, payout: '5' });
    expect(code).toBe('partner_inactive');
    await stack.adminOk('PATCH', `/partners/${campaign.partnerId}`, { status: 'active' });
    const answers = await Promise.all(Array.from({ length: 5 }, () => reprocess(log_id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === 'already_processed')).toHaveLength(4);
    expect((await logOf(log_id)).result).toBe('accepted');
    await stack.eventually(async () => expect((await stack.points(campaign.publisherId, campaign.userId)).balance).toBe('4.00'));
  });

  test('checks a refused signature with the current secret', async () => {
    const campaign = await stack.campaign({ partner: { preset: 'generic_hmac', signing: { secret: 'the-wrong-secret' } } });
    const body = JSON.stringify({ click_id: campaign.clickId, payout: '5' });
    const time = String(Math.floor(Date.now() / 1_000));
    const signature = createHmac('sha256', 'the-right-secret').update(`${time}.${body}`).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-timestamp': time, 'x-signature': signature };
    const { log_id, code } = (await stack.postback(campaign.key, {}, { method: 'POST', body, headers })).body;
    expect(code).toBe('signature_invalid');
    expect((await reprocess(log_id)).body.code).toBe('signature_invalid');
    await stack.adminOk('PATCH', `/partners/${campaign.partnerId}`, { signing: { secret: 'the-right-secret' } });
    expect((await reprocess(log_id)).body.result).toBe('accepted');
  });

  test('does not believe a signature that covers the key, which is not kept', async () => {
    const campaign = await stack.campaign({ partner: { preset: 'generic_hmac', signing: { secret: 'the-secret' } } });
    const time = String(Math.floor(Date.now() / 1_000));
    const headers = { 'x-timestamp': time, 'x-signature': 'wrong' };
    const { log_id } = (await stack.postback(campaign.key, { click_id: campaign.clickId }, { headers })).body;
    const again = await reprocess(log_id);
    expect([again.status, again.body.code]).toEqual([409, 'signature_not_checkable']);
    expect((await logOf(log_id)).result).toBe('error');
  });

  test('is counted once in the statistics, with its latest result', async () => {
    const campaign = await stack.campaign();
    const { log_id } = await send(campaign, { click_id: campaign.clickId, payout: '5', status: 'odd' });
    await stack.adminOk('PATCH', `/partners/${campaign.partnerId}`, { status_mapping: { odd: 'approved' } });
    expect((await reprocess(log_id)).body.result).toBe('accepted');
    await stack.eventually(async () => {
      const stats = await stack.adminOk('GET', '/postback-pipeline/stats');
      const own = stats.by_partner.find(({ partner_id }: { partner_id: string }) => partner_id === campaign.partnerId);
      expect(own).toMatchObject({ received: 1, by_result: { accepted: 1, held: 0 } });
    });
  });

  test('is audited', async () => {
    const campaign = await stack.campaign();
    const { log_id } = await send(campaign, { click_id: 'CLK-NONE' });
    await reprocess(log_id);
    const { logs, entries, audit } = await stack.adminOk('GET', '/audit?limit=200');
    const found = (logs ?? entries ?? audit).find(({ id }: { id: string }) => id === log_id);
    expect(found).toMatchObject({ action: 'postback.reprocessed', before: { result: 'error' }, after: { result: 'error' } });
  });

  test('answers 404 for one that does not exist, and 403 to a viewer', async () => {
    expect((await reprocess(missing)).status).toBe(404);
    expect((await reprocess(missing, viewer)).status).toBe(403);
  });
});
