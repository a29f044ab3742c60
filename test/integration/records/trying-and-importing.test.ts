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

const balance = (campaign: Campaign, userId: string, expected: string) =>
  stack.eventually(async () => expect((await stack.points(campaign.publisherId, userId)).balance).toBe(expected));

describe('POST /postback-receiver/test', () => {
  const tryIt = async (body: object) => stack.adminOk('POST', '/postback-receiver/test', body);

  test('shows the result that a postback would have and what the publisher would be sent, and stores nothing', async () => {
    const campaign = await stack.campaign({ placement: { exchange_rate: '100' } });
    const params = { click_id: campaign.clickId, payout: '5.00', transaction_id: 'T1' };
    const tried = await tryIt({ unique_key: campaign.key, params });
    expect(tried).toMatchObject({
      success: true,
      http_status: 200,
      result: 'accepted',
      code: null,
      conversion: {
        status: 'approved',
        payout: '5.00',
        downward_payout: '4.00',
        points: '400.00',
        currency: 'USD',
        terms: { rule: 'percent', value: '80', exchange_rate: '100' },
      },
      not_checked: ['signature', 'address'],
    });
    expect(tried.test_url).toBe(`${stack.url}/postback/{key}?${new URLSearchParams(params)}`);
    expect(tried.forward_url).toContain(`click_id=${campaign.clickId}&points=400.00&payout=4.00&status=approved`);
    expect(JSON.stringify(tried)).not.toContain(campaign.key);
    expect((await stack.adminOk('GET', `/received-postbacks?partner_id=${campaign.partnerId}`)).logs).toEqual([]);
    expect((await stack.admin('GET', `/conversions/${campaign.clickId}.complete`)).status).toBe(404);
    expect((await stack.postback(campaign.key, params)).body.result).toBe('accepted');
  });

  test('recognises duplicates, conflicts and mistakes as the receiver does', async () => {
    const campaign = await stack.campaign();
    const params = { click_id: campaign.clickId, payout: '5.00', transaction_id: 'T1' };
    await stack.postback(campaign.key, params);
    expect(await tryIt({ partner_id: campaign.partnerId, params })).toMatchObject({ result: 'duplicate', conversion: null });
    expect(await tryIt({ partner_id: campaign.partnerId, params: { ...params, payout: '6' } })).toMatchObject({
      result: 'held',
      code: 'conflict',
    });
    expect(await tryIt({ partner_id: campaign.partnerId, params: { payout: '6' } })).toMatchObject({
      success: false,
      http_status: 400,
      code: 'missing_click_id',
      message: 'click_id required',
    });
    expect(await tryIt({ partner_id: campaign.partnerId, params, event: 'quotafull' })).toMatchObject({ result: 'logged' });
    const reversed = await tryIt({ partner_id: campaign.partnerId, params: { click_id: campaign.clickId, status: 'reversed' } });
    expect(reversed.conversion).toMatchObject({ status: 'reversed', downward_payout: '-4.00' });
  });

  test('says about a staging key that everything is a test', async () => {
    const campaign = await stack.campaign();
    const { unique_key } = await stack.adminOk('POST', '/postback-receiver/generate-key', {
      partner_id: campaign.partnerId,
      label: 'staging',
    });
    expect(await tryIt({ unique_key, params: { click_id: campaign.clickId } })).toMatchObject({ result: 'test', conversion: null });
  });

  test("shows where a forward-only partner's postback would be forwarded", async () => {
    const { publisher } = await stack.adminOk('POST', '/publishers', { name: 'Told', postback_url: `${stack.publisher.url}/told?own=1` });
    const forward = { partner_name: 'Forwarder', mode: 'forward_only', forward_to: [publisher.publisher_id] };
    const { partner } = await stack.adminOk('POST', '/partners', forward);
    const tried = await tryIt({ partner_id: partner.partner_id, params: { any: 'thing', nested: { a: 1 } } });
    expect(tried).toMatchObject({ result: 'accepted', conversion: null });
    expect(tried.forward_url).toContain('/told?own=1&any=thing&nested=');
  });

  test('names what is missing or unknown', async () => {
    const without = await stack.admin('POST', '/postback-receiver/test', { params: {} });
    expect([without.status, without.body.code]).toEqual([400, 'invalid_body']);
    expect(without.body.message).toContain('partner_id');
    expect((await stack.admin('POST', '/postback-receiver/test', { partner_id: 'nobody', params: {} })).body.code).toBe(
      'partner_not_found',
    );
    expect((await stack.admin('POST', '/postback-receiver/test', { unique_key: 'unknown', params: {} })).body.code).toBe('key_not_found');
  });
});

describe('POST /conversions/import', () => {
  const importCsv = (csv: string, query: string, token = stack.system.adminToken) =>
    stack.request(`/api/admin/conversions/import?${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv; charset=utf-8' },
      body: csv,
    });

  test('reports row by row what an import of a CSV file would do, then imports it, and only once', async () => {
    const campaign = await stack.campaign();
    const second = await campaign.newClick('second');
    const csv = [
      '\uFEFFClick_ID,status,payout,transaction_id,reason,"note, theirs"',
      `${campaign.clickId},approved,5.00,T1,,"said ""yes"""`,
      `${campaign.clickId},reversed,2.00,,reconciled,`,
      `${second},approved,1e3,,,`,
      'CLK-NOBODY,approved,1,,,',
      `${second},approved`,
      '',
    ].join('\r\n');
    const of = `partner_id=${campaign.partnerId}`;
    const tried = await importCsv(csv, `${of}&dry_run=true`);
    const outcomes = (rows: AnyBody[]) => rows.map(({ row, result, code }) => [row, result, code]);
    const expected = [
      [1, 'accepted', null],
      [2, 'accepted', null],
      [3, 'error', 'invalid_payout'],
      [4, 'error', 'click_not_found'],
      [5, 'error', 'invalid_row'],
    ];
    expect(tried.status).toBe(200);
    expect(outcomes(tried.body.rows)).toEqual(expected);
    expect(tried.body).toMatchObject({ dry_run: true, counts: { accepted: 2, error: 3 } });
    expect((await stack.adminOk('GET', `/received-postbacks?${of}`)).logs).toEqual([]);

    const taken = await importCsv(csv, of);
    expect(outcomes(taken.body.rows)).toEqual(expected);
    await balance(campaign, campaign.userId, '2.40');
    const { log } = await stack.adminOk('GET', `/received-postbacks/${taken.body.rows[0].log_id}`);
    expect(log).toMatchObject({ key_id: 'import', result: 'accepted', custom_data: { 'note, theirs': 'said "yes"' } });

    const again = await importCsv(csv, of);
    expect(outcomes(again.body.rows).slice(0, 2)).toEqual([
      [1, 'duplicate', null],
      [2, 'duplicate', null],
    ]);
    await balance(campaign, campaign.userId, '2.40');
  });

  test('accepts rows as JSON with our names, whatever names the partner uses', async () => {
    const campaign = await stack.campaign({ partner: { parameter_mapping: { amt: 'payout', cid: 'click_id' } } });
    const rows = [{ click_id: campaign.clickId, payout: 7.5 }];
    const { body } = await stack.admin('POST', '/conversions/import', { partner_id: campaign.partnerId, rows });
    expect(body.rows).toMatchObject([{ row: 1, result: 'accepted', click_id: campaign.clickId }]);
    await balance(campaign, campaign.userId, '6.00');
  });

  test('a row that was refused can be processed again from the log', async () => {
    const campaign = await stack.campaign();
    const rows = [{ click_id: campaign.clickId, payout: '5', status: 'zahlbar' }];
    const { body } = await stack.admin('POST', '/conversions/import', { partner_id: campaign.partnerId, rows });
    expect(body.rows).toMatchObject([{ result: 'held', code: 'unknown_status' }]);
    await stack.adminOk('PATCH', `/partners/${campaign.partnerId}`, { status_mapping: { zahlbar: 'approved' } });
    const again = await stack.adminOk('POST', `/received-postbacks/${body.rows[0].log_id}/reprocess`);
    expect(again.result).toBe('accepted');
    await balance(campaign, campaign.userId, '4.00');
  });

  test('accepts a thousand rows and no more', async () => {
    const campaign = await stack.campaign();
    const rows = Array.from({ length: 1_000 }, (_, row) => ({ click_id: `CLK-${row}`, payout: '1' }));
    const { body } = await stack.admin('POST', '/conversions/import', { partner_id: campaign.partnerId, rows, dry_run: true });
    expect(body.counts).toMatchObject({ error: 1_000, skipped: 0 });
    const more = await stack.admin('POST', '/conversions/import', { partner_id: campaign.partnerId, rows: [...rows, { click_id: 'x' }] });
    expect([more.status, more.body.code]).toEqual([400, 'too_many_rows']);
  });

  test('refuses a body that is no file of rows, unknown partners and viewers', async () => {
    const campaign = await stack.campaign();
    const of = `partner_id=${campaign.partnerId}`;
    expect((await importCsv('click_id,click_id\n1,2', of)).body.code).toBe('invalid_csv');
    expect((await importCsv('click_id,payout\n"1,2', of)).body.code).toBe('invalid_csv');
    expect((await importCsv('click_id,payout\n', of)).body.code).toBe('invalid_body');
    expect((await importCsv('click_id\n1', '')).body.message).toContain('partner_id');
    expect((await importCsv('click_id\n1', 'partner_id=nobody')).status).toBe(404);
    expect((await importCsv('click_id\n1', of, viewer)).status).toBe(403);
    expect((await stack.admin('POST', '/conversions/import', { partner_id: campaign.partnerId })).status).toBe(400);
  });
});
