import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { storeRecords } from '../../bench/stored-records.ts';
import { type AnyBody, type Campaign, LocalStack } from '../../support/local-stack.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.start();
});
afterAll(() => stack.stop());

type FileRow = Record<string, string>;

const day = 86_400_000;
const period = { from: new Date(Date.now() - day).toISOString(), to: new Date(Date.now() + day).toISOString() };
const compare = (campaign: Campaign, rows: readonly FileRow[], more: object = {}): Promise<AnyBody> =>
  stack.adminOk('POST', '/reconciliations', { partner_id: campaign.partnerId, ...period, rows, ...more });
const send = async (campaign: Campaign, parameters: FileRow) => (await stack.postback(campaign.key, parameters)).body;
const told = ({ counts: _counts, totals: _totals, importable: _importable, imported: _imported, partner_id: _id, ...lists }: AnyBody) =>
  Object.entries(lists).flatMap(([kind, found]) =>
    (found as AnyBody[]).map(({ finding, row, received, code }) => {
      expect(finding).toBe(kind);
      return [kind, row, received, code];
    }),
  );

describe('a file of 1,000 rows with 20 planted differences', () => {
  let campaign: Campaign;
  let rows: FileRow[];
  let answer: AnyBody;
  let expected: unknown[][];
  let ours: AnyBody[];
  beforeAll(async () => {
    campaign = await stack.campaign();
    await storeRecords(stack.system, { campaigns: [campaign, await stack.campaign()], keyIds: ['key'] }, { conversions: 1_996, logs: 0 });
    ours = [];
    for (let cursor = ''; ; ) {
      const page = await stack.adminOk('GET', `/conversions?partner_id=${campaign.partnerId}&limit=200${cursor}`);
      ours.push(...page.conversions);
      if (page.next_cursor === null) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(ours).toHaveLength(998);
    ours.reverse();
    const all = ours.map(({ click_id, transaction_id, status }): FileRow => ({ click_id, transaction_id, status, payout: '5.00' }));
    const dropped = [110, 210, 311, 416, 518];
    const kept = all.filter((_, index) => !dropped.includes(index));
    const rowOf = (transaction: string) => kept.findIndex(({ transaction_id }) => transaction_id === transaction) + 1;
    const change = (index: number, changed: FileRow): number => {
      const row = rowOf(all[index]?.['transaction_id'] ?? '');
      kept[row - 1] = { ...kept[row - 1], ...changed };
      return row;
    };
    const approved = ours.flatMap(({ status }, index) => (status === 'approved' && !dropped.includes(index) ? [index] : []));
    const otherAmounts = approved.slice(100, 105).map((index, nth) => change(index, { payout: `5.0${nth + 1}` }));
    const otherStatuses = approved.slice(200, 203).map((index) => change(index, { status: 'chargeback' }));
    const [waits, charged] = [await campaign.newClick(), await campaign.newClick()];
    await send(campaign, { click_id: waits, payout: '5', transaction_id: 'P-1', status: 'mystery' });
    await send(campaign, { click_id: charged, payout: '5', transaction_id: 'P-2' });
    await send(campaign, { click_id: charged, payout: 'all', transaction_id: 'P-2', status: 'reversed' });
    const refused = await campaign.newClick();
    await send(campaign, { click_id: refused, payout: '5,00', transaction_id: 'P-3' });
    await send(campaign, { click_id: 'CLK-GONE', payout: '5', transaction_id: 'P-4' });
    await send(campaign, { click_id: refused, event: 'quotafull', transaction_id: 'P-6' });
    const planted: FileRow[] = [
      { click_id: waits, transaction_id: 'P-1', payout: '5.00', status: 'approved' },
      { click_id: charged, transaction_id: 'P-2', payout: '5.00', status: 'reversed' },
      { click_id: refused, transaction_id: 'P-3', payout: '5.00', status: 'approved' },
      { click_id: 'CLK-GONE', transaction_id: 'P-4', payout: '5.00', status: 'approved' },
      { click_id: await campaign.newClick(), transaction_id: 'P-5', payout: '5.00', status: 'approved' },
      { transaction_id: 'P-6', payout: '5.00', status: 'approved' },
      { click_id: await campaign.newClick(), transaction_id: 'P-7', payout: 'five', status: 'approved' },
    ];
    rows = [...kept, ...planted];
    expect(rows).toHaveLength(1_000);
    const after = kept.length;
    expected = [
      ...otherAmounts.map((row) => ['other_amount', row, 'accepted', null]),
      ...otherStatuses.map((row) => ['other_status', row, 'accepted', null]),
      ['other_status', after + 1, 'held', 'unknown_status'],
      ['other_status', after + 2, 'refused', 'invalid_payout'],
      ['only_theirs', after + 3, 'refused', 'invalid_payout'],
      ['only_theirs', after + 4, 'refused', 'click_not_found'],
      ['only_theirs', after + 5, 'nothing', null],
      ['only_theirs', after + 6, 'logged', null],
      ['only_theirs', after + 7, 'unreadable', 'invalid_payout'],
      ...dropped.map(() => ['only_ours', null, 'accepted', null]),
    ];
    answer = await compare(campaign, rows);
  }, 120_000);

  test('gives exactly these differences, each with what we received', () => {
    const found = told(answer).filter(([kind]) => kind !== 'agreed');
    const inOrder = (list: unknown[][]) => list.map((one) => JSON.stringify(one)).sort();
    expect(found).toHaveLength(20);
    expect(inOrder(found)).toEqual(inOrder(expected));
    expect(answer.counts).toEqual({ only_theirs: 5, only_ours: 5, other_amount: 5, other_status: 5, agreed: rows.length - 15 });
    expect(answer.agreed).toHaveLength(rows.length - 15);
  });

  test('links each difference to the postback and the conversion', async () => {
    const [held] = answer.other_status.filter(({ received }: AnyBody) => received === 'held');
    expect((await stack.adminOk('GET', `/conversions/${held.conversion_id}`)).conversion.code).toBe('unknown_status');
    const refused = answer.only_theirs.filter(({ received }: AnyBody) => received === 'refused');
    for (const { log_id, code, why } of refused) {
      expect((await stack.adminOk('GET', `/received-postbacks/${log_id}`)).log.code).toBe(code);
      expect(why).toContain('refused');
    }
    for (const { conversion_id, our_status } of answer.only_ours)
      expect(ours.find((one) => one.conversion_id === conversion_id)?.status).toBe(our_status);
  });

  test('adds up exactly, by currency', () => {
    const [usd, ...others] = answer.totals;
    expect(others).toEqual([]);
    const cents = (text: string) => Math.round(Number(text) * 100);
    expect(cents(usd.theirs) - cents(usd.ours)).toBe(cents(usd.difference));
    const amounts = 1 + 2 + 3 + 4 + 5;
    const lost = answer.only_ours.filter(({ our_status }: AnyBody) => our_status === 'approved').length * 500;
    // We hold one and do not have four; they have taken back four, and do not have those that were dropped.
    expect(lost).toBeGreaterThan(0);
    expect(cents(usd.difference)).toBe(amounts + 5 * 500 - 4 * 500 - lost);
  });

  test('says which rows an import would accept, which are imported in one step, and agree from then on', async () => {
    const importable = Object.values(answer)
      .flatMap((list) => (Array.isArray(list) ? list : []))
      .filter((one: AnyBody) => one.importable)
      .map(({ transaction_id }: AnyBody) => transaction_id);
    expect(importable).toEqual(expect.arrayContaining(['P-1', 'P-2', 'P-3', 'P-5']));
    expect(importable).not.toContain('P-4');
    expect(answer.importable).toHaveLength(importable.length);
    expect(answer.imported).toBeNull();
    const dry = await stack.adminOk('POST', '/conversions/import', {
      partner_id: campaign.partnerId,
      rows: answer.importable,
      dry_run: true,
    });
    expect(dry.counts.accepted).toBe(importable.length);
    const { imported } = await compare(campaign, rows, { import: true });
    expect(imported.map(({ result }: AnyBody) => result)).toEqual(importable.map(() => 'accepted'));
    expect(imported.map(({ row }: AnyBody) => rows[row - 1]?.['transaction_id'])).toEqual(expect.arrayContaining(importable));
    const again = await compare(campaign, rows);
    expect(again.counts.agreed).toBe(answer.counts.agreed + importable.length);
    expect(again.importable).toEqual([]);
  });

  test('can be sent as CSV and answered as CSV', async () => {
    const columns = ['click_id', 'transaction_id', 'status', 'payout'];
    const csv = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))].map((cells) => cells.join(',')).join('\n');
    const body = { partner_id: campaign.partnerId, ...period, csv };
    const { body: text, headers } = await stack.admin('POST', '/reconciliations?format=csv', body);
    expect(headers.get('content-disposition')).toBe('attachment; filename="reconciliation.csv"');
    const { counts } = await compare(campaign, rows);
    const read: FileRow[] = parse(text, { columns: true });
    for (const [kind, count] of Object.entries(counts)) expect(read.filter((row) => row['finding'] === kind)).toHaveLength(Number(count));
    expect(read.find((row) => row['code'] === 'click_not_found')).toMatchObject({
      transaction_id: 'P-4',
      their_amount: '5.00',
      our_status: '',
    });
  });
});

describe('a row', () => {
  test('is found by its transaction alone, wherever in time its conversion lies, and near the ends of the period', async () => {
    const campaign = await stack.campaign();
    await send(campaign, { click_id: campaign.clickId, payout: '3', transaction_id: 'edge-1' });
    const before = { from: '2020-01-01', to: new Date(Date.now() - 60_000).toISOString() };
    const answer = await compare(campaign, [{ transaction_id: 'edge-1', payout: '3.0' }], before);
    expect(answer.counts).toMatchObject({ agreed: 1, only_theirs: 0 });
    expect((await compare(campaign, [], before)).counts).toMatchObject({ only_ours: 0, agreed: 0 });
    const [missing] = (await compare(campaign, [], { ...period, from: new Date(Date.now() - 60_000).toISOString() })).only_ours;
    expect(missing).toMatchObject({ near_edge: true, transaction_id: 'edge-1' });
    expect((await compare(campaign, [])).only_ours).toMatchObject([{ near_edge: false }]);
  });

  test('that takes back is about the same payment as the approving row, whatever their order', async () => {
    const campaign = await stack.campaign();
    const said = { click_id: campaign.clickId, transaction_id: 'R-1' };
    await send(campaign, { ...said, payout: '5' });
    await send(campaign, { ...said, status: 'reversed', payout: '2' });
    const part = [
      { ...said, status: 'reversed', payout: '2' },
      { ...said, payout: '5' },
    ];
    expect(await compare(campaign, part)).toMatchObject({ counts: { agreed: 1 }, totals: [{ theirs: '3.00', ours: '3.00' }] });
    expect((await compare(campaign, [{ ...said, payout: '3' }])).counts.agreed).toBe(1);
    expect((await compare(campaign, [{ ...said, status: 'reversed' }])).counts.other_amount).toBe(1);
    expect((await compare(campaign, [{ ...said, payout: '5' }])).counts.other_status).toBe(1);
  });

  test('that the file contains twice, or for another transaction of the click, is not ours', async () => {
    const campaign = await stack.campaign();
    const said = { click_id: campaign.clickId, transaction_id: 'D-1', payout: '5' };
    await send(campaign, said);
    const answer = await compare(campaign, [said, said, { ...said, transaction_id: 'D-2' }]);
    expect(told(answer)).toEqual([
      ['only_theirs', 2, 'repeated_row', null],
      ['only_theirs', 3, 'other_transaction', null],
      ['agreed', 1, 'accepted', null],
    ]);
  });

  test("is read under the partner's own names and in its network's words, in an import too", async () => {
    const campaign = await stack.campaign({ partner: { preset: 'cpx', parameter_mapping: { order: 'transaction_id' } } });
    const [one, two] = [await campaign.newClick(), await campaign.newClick()];
    const rows = [
      { click_id: one, order: 'N-1', payout: '1.50', status: '1' },
      { click_id: two, order: 'N-2', payout: '2.50', status: '2' },
    ];
    const { rows: reports } = await stack.adminOk('POST', '/conversions/import', { partner_id: campaign.partnerId, rows });
    expect(reports.map(({ result }: AnyBody) => result)).toEqual(['accepted', 'accepted']);
    const answer = await compare(campaign, rows);
    expect(answer.agreed.map(({ their_status, transaction_id }: AnyBody) => [their_status, transaction_id])).toEqual([
      ['approved', 'N-1'],
      ['reversed', 'N-2'],
    ]);
  });

  test('in another currency is another amount', async () => {
    const campaign = await stack.campaign();
    await send(campaign, { click_id: campaign.clickId, payout: '5', transaction_id: 'E-1', currency: 'EUR' });
    const answer = await compare(campaign, [{ transaction_id: 'E-1', payout: '5', currency: 'USD' }]);
    expect(answer.other_amount).toMatchObject([{ their_currency: 'USD', our_currency: 'EUR' }]);
    expect(answer.totals).toEqual([
      { currency: 'USD', theirs: '5.00', ours: '0.00', difference: '5.00' },
      { currency: 'EUR', theirs: '0.00', ours: '5.00', difference: '-5.00' },
    ]);
  });
});

test('a conversion of a kind that the file never contains, such as a rejection, is no difference if only we have it', async () => {
  const campaign = await stack.campaign();
  await send(campaign, { click_id: campaign.clickId, payout: '5', transaction_id: 'S-1', status: 'rejected' });
  expect((await compare(campaign, [])).counts.only_ours).toBe(0);
  const other = await campaign.newClick();
  await send(campaign, { click_id: other, payout: '5', transaction_id: 'S-2', status: 'rejected' });
  expect((await compare(campaign, [{ transaction_id: 'S-2', status: 'rejected' }])).only_ours).toMatchObject([{ transaction_id: 'S-1' }]);
});

test('a difference raises the alerts for it, and a file that agrees raises none', async () => {
  const campaign = await stack.campaign();
  const url = `${stack.publisher.url}/gaps`;
  await stack.adminOk('POST', '/alerts', { name: 'gaps', url, events: ['reconciliation.gap'], partner_id: campaign.partnerId });
  const said = { click_id: campaign.clickId, payout: '5', transaction_id: 'G-1' };
  await send(campaign, said);
  await compare(campaign, [said]);
  await compare(campaign, [{ ...said, payout: '6' }]);
  const calls = () => stack.publisher.requests.filter(({ path }) => path === '/gaps');
  await stack.eventually(() => expect(calls()).toHaveLength(1));
  expect(JSON.parse(calls()[0]?.body ?? '')).toMatchObject({
    type: 'reconciliation.gap',
    data: { partner_id: campaign.partnerId, gaps: 1, other_amount: 1 },
  });
});

test.each<[string, (campaign: Campaign) => object, number, string]>([
  ['of nobody', () => ({ partner_id: 'nobody', rows: [] }), 404, 'partner_not_found'],
  ['without a period', (campaign) => ({ partner_id: campaign.partnerId, from: undefined, rows: [] }), 400, 'invalid_body'],
  ['with a period upside down', (campaign) => ({ partner_id: campaign.partnerId, to: '2020-01-01', rows: [] }), 400, 'invalid_body'],
  ['without rows', (campaign) => ({ partner_id: campaign.partnerId }), 400, 'invalid_body'],
  [
    'with too many rows',
    (campaign) => ({ partner_id: campaign.partnerId, rows: Array.from({ length: 2_001 }, () => ({})) }),
    400,
    'too_many_rows',
  ],
  ['that is no CSV', (campaign) => ({ partner_id: campaign.partnerId, csv: 'a,a\n1,2' }), 400, 'invalid_csv'],
])('a comparison %s is refused', async (_what, body, status, code) => {
  const answer = await stack.admin('POST', '/reconciliations', { ...period, ...body(await stack.campaign()) });
  expect([answer.status, answer.body.code]).toEqual([status, code]);
});
