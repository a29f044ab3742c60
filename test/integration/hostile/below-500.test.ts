import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deepJson, hostileJson, hostileText, spoilt } from '../../support/hostile.ts';
import { type Campaign, LocalStack } from '../../support/local-stack.ts';
import { operationsOf, pathParametersOf } from '../openapi/document.ts';

/** Contract 1.7: never 5xx for anything that somebody sent; and of the admin API a 4xx says what was wrong. */

let stack: LocalStack;
let campaign: Campaign;
let operations: readonly string[];
beforeAll(async () => {
  stack = await LocalStack.startOwn({ environment: { RATE_PER_KEY: '1000000', RATE_PER_UNKNOWN_ADDRESS: '1000000' } });
  campaign = await stack.campaign();
  operations = [...operationsOf((await stack.request('/openapi.json')).body).keys()].filter((name) => name.includes(' /api/admin/'));
});
afterAll(() => stack.stop());

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | undefined;
  readonly pathParameters?: Record<string, string>;
}

/** As the gateway's event, which can hold what no HTTP client would send. */
async function answerTo(
  name: string,
  { method, path, query = '', headers = {}, body, pathParameters }: Sent,
): Promise<{ status: number; body: string }> {
  const answer = (await stack.system.invoke(name, {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: { host: 'postback.example', 'x-forwarded-proto': 'https', ...headers },
    requestContext: {
      domainName: 'postback.example',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'hostile' },
      authorizer: { lambda: { role: 'admin', name: 'hostile' } },
    },
    ...(body !== undefined && { body }),
    ...(pathParameters && { pathParameters }),
    isBase64Encoded: false,
  })) as { statusCode?: number; body?: string };
  return { status: answer.statusCode ?? 599, body: answer.body ?? '' };
}

/** How often each status was answered: where nothing is let through, nothing is shown. */
const answered = new Map<number, number>();
beforeEach(() => answered.clear());

async function expectBelow500(name: string, sent: Sent): Promise<void> {
  const { status, body } = await answerTo(name, sent);
  answered.set(status, (answered.get(status) ?? 0) + 1);
  if (status >= 500)
    throw new Error(`${sent.method} ${sent.path.slice(0, 200)} answered ${status}: ${body}\n${stack.system.log(name).at(-1)}`);
  if (name === 'admin' && status >= 400)
    expect(JSON.parse(body)).toMatchObject({ status: 'error', code: expect.any(String), message: expect.any(String) });
}

const encoded = (text: string) => encodeURIComponent(text.toWellFormed());
const pairs = (entries: readonly (readonly [string, string])[]) =>
  entries.map(([name, text]) => `${encoded(name)}=${encoded(text)}`).join('&');
const options = { seed: 20_261_126, endOnFailure: true } as const;

test('any header, parameter, event, key and body of a postback', async () => {
  const names = fc.oneof(
    fc.constantFrom('click_id', 'payout', 'status', 'transaction_id', 'event', 'currency', 'offer_id', 'reason', 'key'),
    hostileText,
  );
  const entries = fc.array(fc.tuple(names, hostileText), { maxLength: 4 });
  const body = fc.oneof(
    fc.constant(undefined),
    hostileJson.map((sent) => JSON.stringify(sent)),
    entries.map(pairs),
    hostileText,
    deepJson,
  );
  const headers = fc.dictionary(
    fc.oneof(fc.constantFrom('content-type', 'referer', 'x-postback-key', 'content-encoding', 'x-forwarded-for'), hostileText),
    hostileText,
    { maxKeys: 3 },
  );
  await fc.assert(
    fc.asyncProperty(
      entries,
      body,
      headers,
      fc.option(hostileText),
      fc.boolean(),
      fc.constantFrom('own', 'none', 'odd'),
      async (said, sent, given, event, older, key) => {
        const path = older
          ? '/api/analytics/postback'
          : `/postback/${key === 'own' ? campaign.key : 'x'.repeat(32)}${event === null ? '' : `/${event}`}`;
        const click = key === 'own' ? [['click_id', campaign.clickId] as const] : [];
        const query = pairs([...click, ...said, ...(older ? [['key', campaign.key] as const] : [])]);
        await expectBelow500('receiver', { method: sent === undefined ? 'GET' : 'POST', path, query, headers: given, body: sent });
      },
    ),
    { ...options, numRuns: 150 },
  );
  expect([200, 400, 404].filter((status) => (answered.get(status) ?? 0) < 5)).toEqual([]);
});

test('any offer, parameter and header of a tracking link', async () => {
  const names = fc.oneof(fc.constantFrom('user_id', 'sub1', 'sub5', 'placement_id', 'country', 'username'), hostileText);
  await fc.assert(
    fc.asyncProperty(
      fc.option(hostileText),
      fc.array(fc.tuple(names, hostileText), { maxLength: 4 }),
      hostileText,
      async (offer, said, header) => {
        const offer_id = offer ?? campaign.offerId;
        const query = pairs([['publisher_id', campaign.publisherId], ['user_id', 'u'], ...said]);
        const headers = { 'cloudfront-viewer-country': header };
        await expectBelow500('tracker', { method: 'GET', path: `/track/${offer_id}`, pathParameters: { offer_id }, query, headers });
      },
    ),
    { ...options, numRuns: 80 },
  );
});

test('any path id, cursor, date, filter and body of the admin API', async () => {
  const {
    partnerId: partner_id,
    publisherId: publisher_id,
    offerId: offer_id,
    placementId: placement_id,
    clickId: click_id,
    userId: user_id,
  } = campaign;
  const ids: Record<string, string> = {
    partner_id,
    publisher_id,
    offer_id,
    placement_id,
    click_id,
    user_id,
    conversion_id: `${click_id}.complete`,
    name: 'deliveries',
  };
  const url = `${stack.publisher.url}/hostile?c={click_id}`;
  /** Bodies that are right, of which one part is spoilt. */
  const sound: Record<string, unknown> = {
    'POST /api/admin/partners': {
      partner_name: 'x',
      parameter_mapping: { a: 'click_id' },
      parameter_defaults: { currency: 'EUR' },
      status_mapping: { a: 'approved' },
      allowed_ips: ['192.0.2.1'],
      response: { success: 'OK' },
      currency: 'EUR',
    },
    'PATCH /api/admin/partners/{partner_id}': { partner_name: 'x', parameter_mapping: { a: 'payout' } },
    'POST /api/admin/publishers': { name: 'x', postback_url: url, payout_overrides: { constructor: { percent: '5' } } },
    'PATCH /api/admin/publishers/{publisher_id}': { payout_overrides: { [offer_id]: { fixed: '1.00' } } },
    'POST /api/admin/placements': { publisher_id, name: 'x', exchange_rate: '2' },
    'POST /api/admin/offers': {
      partner_id,
      name: 'x',
      target_url: 'https://x.example/{click_id}',
      goals: [{ event: 'buy', payout: '1' }],
      campaign_id: 'c',
    },
    'PATCH /api/admin/offers/{offer_id}': { name: 'x', payout: '1' },
    'POST /api/admin/clicks': { offer_id, publisher_id, user_id, sub_id1: 's', country: 'DE' },
    'POST /api/admin/tokens': { name: 'x', role: 'viewer' },
    'POST /api/admin/postback-receiver/generate-key': { partner_id, label: 'hostile', grace_seconds: 10 },
    'POST /api/admin/postback-receiver/generate-quick': {
      partner_name: 'quick',
      custom_params: ['a'],
      parameter_mappings: { click_id: 's2' },
    },
    'POST /api/admin/postback-receiver/test': { partner_id, params: { click_id, payout: '5.00', nested: { a: [1] } }, event: 'complete' },
    'POST /api/admin/conversions/{conversion_id}/status': { status: 'rejected', reason: 'hostile' },
    'POST /api/admin/conversions/import': { rows: [{ click_id, payout: '5.00' }], dry_run: true },
    'POST /api/admin/forwarded-postbacks/resend': { publisher_id, dry_run: true, cursor: 'x' },
  };
  const filters = [
    'limit',
    'cursor',
    'from',
    'to',
    'status',
    'partner_id',
    'publisher_id',
    'click_id',
    'unique_key',
    'offer_id',
    'format',
    'code',
    'days',
    'by',
    'kind',
  ];
  const anyCall = fc.record({
    operation: fc.nat(),
    badId: fc.oneof({ arbitrary: fc.constant(null), weight: 3 }, hostileText),
    query: fc.array(fc.tuple(fc.oneof({ arbitrary: fc.constantFrom(...filters), weight: 4 }, hostileText), hostileText), { maxLength: 2 }),
    sound: fc.boolean(),
    place: fc.nat(4_000),
    bad: hostileJson,
    name: hostileText,
    raw: fc.oneof({ arbitrary: fc.constant(null), weight: 9 }, deepJson, hostileText),
  });
  await fc.assert(
    fc.asyncProperty(anyCall, async ({ operation: number, badId, query, sound: isSound, place, bad, name, raw }) => {
      const operation = operations[number % operations.length] ?? '';
      const [method = '', template = ''] = operation.split(' ');
      const path = pathParametersOf(operation).reduce(
        (filled, id, index) => filled.replace(`{${id}}`, () => (badId !== null && index === place % 2 ? badId : (ids[id] ?? badId ?? 'x'))),
        template,
      );
      const body = raw ?? JSON.stringify(isSound ? (sound[operation] ?? {}) : spoilt(sound[operation] ?? {}, place, bad, name));
      await expectBelow500('admin', {
        method,
        path,
        query: pairs(query),
        headers: { 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body }),
      });
    }),
    { ...options, numRuns: 400 },
  );
  expect([200, 201, 400, 404].filter((status) => (answered.get(status) ?? 0) < 5)).toEqual([]);
}, 180_000);

test('any text as a file to import', async () => {
  const path = '/api/admin/conversions/import';
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(hostileText, { maxLength: 4 }), { maxLength: 4 }), async (rows) => {
      const body = rows.map((cells) => cells.join(',')).join('\n');
      const query = pairs([
        ['partner_id', campaign.partnerId],
        ['dry_run', 'true'],
      ]);
      await expectBelow500('admin', { method: 'POST', path, query, headers: { 'content-type': 'text/csv' }, body });
    }),
    { ...options, numRuns: 40 },
  );
});
