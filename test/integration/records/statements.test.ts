import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import { parse } from 'csv-parse/sync';
import { type AnyBody, type Campaign, LocalStack } from '../../support/local-stack.ts';
import { OwnSettling } from '../../support/settle-at.ts';
import { rowsOf } from '../../support/tables.ts';

/** The month so many months before this one, `YYYY-MM` in UTC. */
const monthAgo = (ago: number): string => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 1)).toISOString().slice(0, 7);
};
const lastDay = (month: string): string => {
  const [year, number] = month.split('-').map(Number);
  return new Date(Date.UTC(year ?? 0, number ?? 0, 0)).toISOString().slice(0, 10);
};
const months = [4, 3, 2, 1, 0].map(monthAgo);
const [zeroth = '', first = '', second = '', third = ''] = months;

let stack: LocalStack;
let settling: OwnSettling;
let campaign: Campaign;
let euroOffer: string;
beforeAll(async () => {
  stack = await LocalStack.startOwn({ poll: false });
  settling = new OwnSettling(stack.system);
  campaign = await stack.campaign();
  await settling.isKnownSince(`${zeroth}-15T00:00:00.000Z`, campaign.publisherId);
  const euro = { partner_id: campaign.partnerId, name: 'Euro offer', target_url: 'https://example.com/', payout: '1.23', currency: 'EUR' };
  euroOffer = (await stack.adminOk('POST', '/offers', euro)).offer.offer_id;
  await liveThroughMonths();
}, 60_000);
afterAll(async () => {
  settling.stop();
  await stack.stop();
});

const postback = async (click: string, more: Record<string, string>): Promise<string> => {
  const { body } = await stack.postback(campaign.key, { click_id: click, ...more });
  expect(body.status).toBe('success');
  return `${click}.complete`;
};

/** Earned in one month and taken back in another, in two currencies, at the very end of a month, and today. */
async function liveThroughMonths(): Promise<void> {
  const early = await campaign.newClick('ann');
  await settling.settle(`${first}-10T12:00:00.000Z`, await postback(early, { payout: '10.00' }));
  const late = await campaign.newClick('ben');
  await settling.settle(`${lastDay(first)}T23:30:00.000Z`, await postback(late, { payout: '5.55' }));
  await settling.settle(`${second}-05T12:00:00.000Z`, await postback(early, { status: 'reversed', payout: '2.50', transaction_id: 'R1' }));
  const body = { offer_id: euroOffer, placement_id: campaign.placementId, user_id: 'ann' };
  const euro = (await stack.adminOk('POST', '/clicks', body)).click.click_id;
  await settling.settle(`${second}-20T12:00:00.000Z`, await postback(euro, { payout: '3.00', currency: 'EUR' }));
  await settling.settle(`${third}-02T12:00:00.000Z`, await postback(euro, { status: 'reversed' }));
  const today = await campaign.newClick('ann');
  await settling.settle(new Date().toISOString(), await postback(today, { payout: '1.10' }));
  await settling.settle(new Date().toISOString(), await postback(await campaign.newClick('cid'), { status: 'pending', payout: '9.00' }));
}

const statement = async (month: string, timezone = 'UTC'): Promise<AnyBody> =>
  stack.adminOk('GET', `/statements/${campaign.publisherId}?month=${month}&timezone=${encodeURIComponent(timezone)}`);

/** The sum of all users according to the ledger, in points and by currency. */
async function ledger(): Promise<Record<string, string>> {
  const sums = new Map<string, Big>();
  const add = (name: string, amount: string) => sums.set(name, (sums.get(name) ?? new Big(0)).plus(amount));
  for (const user of ['ann', 'ben', 'cid'])
    for (const { points, payout, currency } of (await stack.points(campaign.publisherId, user)).entries) {
      add('points', points);
      add(currency, payout);
    }
  return Object.fromEntries([...sums].map(([name, sum]) => [name, sum.toFixed(2)]));
}

const balancesOf = ({ opening, earned, taken_back, closing }: AnyBody) => [opening, earned, taken_back, closing];

describe('GET /statements/{publisher_id}', () => {
  test('shows the opening balance, what was earned and taken back in the month, and the closing balance, by offer and currency', async () => {
    const { lines, totals, points, final } = await statement(second);
    const [dollars, euros] = [campaign.offerId, euroOffer].map((id) => lines.find(({ offer_id }: AnyBody) => offer_id === id));
    expect(lines).toHaveLength(2);
    expect([dollars.currency, ...balancesOf(dollars)]).toEqual(['USD', '12.44', '0.00', '-2.00', '10.44']);
    expect([euros.currency, euros.offer_name, ...balancesOf(euros)]).toEqual(['EUR', 'Euro offer', '0.00', '1.23', '0.00', '1.23']);
    expect(totals.map(({ currency, ...rest }: AnyBody) => [currency, ...balancesOf(rest), rest.points.closing])).toEqual([
      ['EUR', '0.00', '1.23', '0.00', '1.23', '1.23'],
      ['USD', '12.44', '0.00', '-2.00', '10.44', '10.44'],
    ]);
    expect(balancesOf(points)).toEqual(['12.44', '1.23', '-2.00', '11.67']);
    expect(final).toBe(true);
  });

  test.each(['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/Los_Angeles', 'Australia/Lord_Howe'])(
    "closes each month in %s with the next one's opening, and today with what the ledger holds",
    async (timezone) => {
      const statements = await Promise.all(months.map((month) => statement(month, timezone)));
      const of = (one: AnyBody, currency: string) =>
        one.totals.find((total: AnyBody) => total.currency === currency) ?? { opening: '0.00', closing: '0.00' };
      for (const [index, one] of statements.entries()) {
        for (const { opening, earned, taken_back, closing } of [...one.totals, ...one.lines, one.points])
          expect(new Big(opening).plus(earned).plus(taken_back).eq(closing)).toBe(true);
        const next = statements[index + 1];
        for (const currency of next === undefined ? [] : ['USD', 'EUR']) expect(of(next, currency).opening).toBe(of(one, currency).closing);
      }
      const last = statements.at(-1);
      expect({ points: last.points.closing, USD: of(last, 'USD').closing, EUR: of(last, 'EUR').closing }).toEqual(await ledger());
      expect(last.final).toBe(false);
    },
  );

  test('counts what was settled half an hour before midnight UTC in the month that the time zone has by then', async () => {
    const earned = async (timezone: string) => {
      const all = await Promise.all([first, second].map((month) => statement(month, timezone)));
      return all.map(({ totals }) => totals.find(({ currency }: AnyBody) => currency === 'USD').earned);
    };
    expect(await earned('UTC')).toEqual(['12.44', '0.00']);
    expect(await earned('America/Los_Angeles')).toEqual(['12.44', '0.00']);
    expect(await earned('Europe/Berlin')).toEqual(['8.00', '4.44']);
  });

  test('keeps the sums of a month that is over, and of no other', async () => {
    await statement(monthAgo(0));
    const rows = await rowsOf(stack, 'Statistics');
    const closed = rows.filter(({ day_shard }) => day_shard === `months#${campaign.publisherId}`).map(({ counter }) => String(counter));
    expect(closed).toEqual(expect.arrayContaining([first, second]));
    expect(closed).not.toContain(monthAgo(0));
    // Statements are made from the counters of amounts, which never expire.
    const ofMoney = rows.filter(({ counter }) => /^[^|]+\|[^|]+\|[^|]+\|[A-Z]{3}\|/.test(String(counter)));
    expect(ofMoney.length).toBeGreaterThan(3);
    expect(ofMoney.filter(({ expires_at }) => expires_at !== undefined)).toEqual([]);
  });

  test('is about this month if none is named, and has its lines as CSV', async () => {
    const answer = await stack.admin('GET', `/statements/${campaign.publisherId}`);
    expect(answer.body.month).toBe(new Date().toISOString().slice(0, 7));
    const csv = await stack.admin('GET', `/statements/${campaign.publisherId}?month=${second}&format=csv`);
    expect(csv.headers.get('content-disposition')).toContain(`statement-${campaign.publisherId}-${second}.csv`);
    const rows: Record<string, string>[] = parse(csv.body, { columns: true });
    expect(rows.find(({ offer_id }) => offer_id === campaign.offerId)).toMatchObject({
      currency: 'USD',
      opening: '12.44',
      taken_back: '-2.00',
      closing: '10.44',
      'points.closing': '10.44',
    });
  });

  test('of a publisher who has earned nothing has no lines, and as CSV only its columns', async () => {
    const { publisher } = await stack.adminOk('POST', '/publishers', { name: 'New' });
    const empty = await stack.adminOk('GET', `/statements/${publisher.publisher_id}`);
    expect([empty.lines, empty.totals, balancesOf(empty.points)]).toEqual([[], [], ['0.00', '0.00', '0.00', '0.00']]);
    const csv = await stack.admin('GET', `/statements/${publisher.publisher_id}?format=csv`);
    expect(csv.body).toMatch(/^"offer_id","offer_name","currency","opening",[^\r]*\r\n$/);
  });

  test.each([
    ['month=2026-13', 400, 'invalid_month'],
    ['month=2999-01', 400, 'invalid_month'],
    ['month=2026-01-01', 400, 'invalid_month'],
    ['timezone=Berlin', 400, 'invalid_timezone'],
    ['limit=5', 400, 'unknown_parameter'],
  ])('refuses ?%s', async (query, status, code) => {
    const answer = await stack.admin('GET', `/statements/${campaign.publisherId}?${query}`);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test('is visible to its publisher, and to no other', async () => {
    const { token } = (await stack.adminOk('POST', '/tokens', { name: 'own', role: 'publisher', publisher_id: campaign.publisherId }))
      .token;
    const { publisher } = await stack.adminOk('POST', '/publishers', { name: 'Other' });
    expect((await stack.admin('GET', `/statements/${campaign.publisherId}`, undefined, token)).status).toBe(200);
    expect((await stack.admin('GET', `/statements/${publisher.publisher_id}`, undefined, token)).status).toBe(404);
    const partner = { name: 'partner', role: 'partner', partner_id: campaign.partnerId };
    const { token: partnerToken } = (await stack.adminOk('POST', '/tokens', partner)).token;
    expect((await stack.admin('GET', `/statements/${campaign.publisherId}`, undefined, partnerToken)).status).toBe(403);
    expect((await stack.admin('GET', '/statements/nobody')).body.code).toBe('publisher_not_found');
  });
});

describe('the export of conversions', () => {
  test('adds up to the ledger, the statement and the statistics', async () => {
    const csv = await stack.admin('GET', `/conversions?publisher_id=${campaign.publisherId}&format=csv`);
    const rows: Record<string, string>[] = parse(csv.body, { columns: true });
    expect(rows).toHaveLength(5);
    const sum = (amount: string, currency?: string, of?: string) =>
      rows
        .filter((row) => currency === undefined || row[currency] === of)
        .reduce((total, row) => total.plus(row[amount] ?? ''), new Big(0))
        .toFixed(2);
    const down = (of: string) => sum('downward_payout', 'downward_currency', of);
    expect({ points: sum('points'), USD: down('USD'), EUR: down('EUR') }).toEqual(await ledger());
    // 10.00, of which 2.50 were taken back, 5.55 and 1.10; the pending conversion is not worth anything yet.
    expect([sum('upward_payout', 'currency', 'USD'), sum('upward_payout', 'currency', 'EUR')]).toEqual(['14.15', '0.00']);
    const partly = rows.find(({ upward_payout }) => upward_payout === '7.50');
    expect(partly).toMatchObject({ payout: '10.00', downward_payout: '6.00', status: 'reversed' });
    expect(Date.parse(partly?.['approved_at'] ?? '')).toBeLessThan(Date.parse(partly?.['changed_at'] ?? ''));
    expect(rows.filter(({ approved_at }) => approved_at === '').map(({ status }) => status)).toEqual(['pending']);
  });
});

describe('statistics of what settled in other zones', () => {
  const stats = async (query: string): Promise<AnyBody> => stack.adminOk('GET', `/postback-pipeline/stats?${query}`);

  test.each([
    ['UTC', `${lastDay(first)}`],
    ['America/Los_Angeles', `${lastDay(first)}`],
    ['Asia/Kathmandu', `${second}-01`],
    ['Europe/Berlin', `${second}-01`],
  ])('count it on the day that the clocks of %s show', async (timezone, day) => {
    const answer = await stats(`from=${lastDay(first)}&to=${second}-02&timezone=${timezone}&by=hour`);
    const busy = answer.by_day.filter(({ by_status }: AnyBody) => by_status.approved > 0);
    expect(busy.map((one: AnyBody) => [one.day, one.upward, one.downward, one.margin])).toEqual([
      [day, { USD: '5.55' }, { USD: '4.44' }, { USD: '1.11' }],
    ]);
    const hours = answer.by_hour.filter(({ by_status }: AnyBody) => by_status.approved > 0);
    expect(hours.map(({ hour }: AnyBody) => hour.slice(0, 10))).toEqual([day]);
    expect(answer.timezone).toBe(timezone);
  });

  test('compare with the period before, and show rates, reversals and days of each partner, publisher and offer', async () => {
    const answer = await stats(`from=${second}-01&to=${lastDay(second)}&compare=previous`);
    expect(answer).toMatchObject({
      approval_rate: 1,
      reversal_rate: 1,
      by_status: { approved: 1, reversed: 1 },
      downward: { EUR: '1.23', USD: '-2.00' },
    });
    const [partner] = answer.by_partner;
    expect(partner).toMatchObject({ partner_id: campaign.partnerId, reversal_rate: 1, by_status: { reversed: 1 } });
    expect([partner.days.approved.length, partner.days.reversed[4], partner.days.approved[19]]).toEqual([answer.by_day.length, 1, 1]);
    const { previous } = answer;
    expect(previous.to < answer.from).toBe(true);
    expect([previous.by_status.approved, previous.upward]).toEqual([2, { USD: '15.55' }]);
    expect(previous.by_publisher[0]).toMatchObject({ publisher_id: campaign.publisherId, by_status: previous.by_status });
    const offers = answer.by_offer.map(({ offer_id, reversal_rate }: AnyBody) => [offer_id, reversal_rate]).sort();
    expect(offers).toEqual(
      [
        [campaign.offerId, null],
        [euroOffer, 0],
      ].sort(),
    );
  });

  test('are available as CSV, by day or by another grouping, with a column for each currency', async () => {
    const read = async (by: string): Promise<Record<string, string>[]> =>
      parse((await stack.admin('GET', `/postback-pipeline/stats?from=${second}-01&to=${second}-28&by=${by}&format=csv`)).body, {
        columns: true,
      });
    const byDay = await read('day');
    expect(byDay).toHaveLength(28);
    expect(byDay.find(({ day }) => day === `${second}-05`)).toMatchObject({
      'downward.USD': '-2.00',
      'by_status.reversed': '1',
      'upward.EUR': '',
    });
    expect((await read('offer')).find(({ offer_id }) => offer_id === euroOffer)).toMatchObject({ 'margin.EUR': '1.77' });
    expect(await read('hour')).toHaveLength(28 * 24);
    expect((await read('partner')).map(({ partner_id }) => partner_id)).toEqual([campaign.partnerId]);
  });
});
