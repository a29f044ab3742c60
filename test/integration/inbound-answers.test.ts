import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { errorCodes } from '../../functions/domain/codes.ts';
import { Inbound } from '../support/inbound.ts';
import type { Campaign, PostbackOptions } from '../support/local-stack.ts';

/** Contract 1.7: answers, codes, limits, and the log entry of every request with a valid key. */

let inbound: Inbound;
let campaign: Campaign;
let inactive: Campaign;
let strict: Campaign;
let signing: Campaign;
beforeAll(async () => {
  inbound = await Inbound.startOwn({ environment: { RATE_PER_KEY: '1000' } });
  campaign = await inbound.stack.campaign();
  inactive = await inbound.stack.campaign();
  await inbound.stack.adminOk('PATCH', `/partners/${inactive.partnerId}`, { status: 'inactive' });
  strict = await inbound.stack.campaign({ partner: { allowed_ips: ['192.0.2.0/24'], ip_policy: 'enforce' } });
  signing = await inbound.stack.campaign({ partner: { preset: 'generic_hmac', signing: { secret: 'a-secret' } } });
});
afterAll(() => inbound.stop());

const successes: [result: string, code: string | null, parameters: Record<string, string>][] = [
  ['accepted', null, { payout: '5.00', transaction_id: 'T' }],
  ['held', 'unknown_status', { payout: '5.00', status: 'great' }],
  ['held', 'unknown_event', { payout: '5.00', event: 'install' }],
  ['held', 'missing_payout', {}],
  ['logged', null, { event: 'terminate' }],
  ['test', null, { status: 'test' }],
];

describe('a success names the result', () => {
  test.each(successes)('%s %s', async (result, code, parameters) => {
    const clickId = await campaign.newClick('paid');
    const { answer, log } = await inbound.send(campaign.key, { click_id: clickId, ...parameters });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toEqual({ status: 'success', message: 'Postback received and distributed', log_id: log.log_id, result, code });
    expect(log).toMatchObject({ result, code });
  });

  test('duplicate', async () => {
    const sent = { click_id: await campaign.newClick('paid'), payout: '5.00', transaction_id: 'T' };
    const [first, second] = [await inbound.send(campaign.key, sent), await inbound.send(campaign.key, sent)];
    expect(second.answer.body).toMatchObject({ status: 'success', result: 'duplicate', code: null });
    expect(second.log).toMatchObject({ result: 'duplicate', conversion_id: first.log.conversion_id });
  });
});

interface Wrong {
  readonly from?: () => Campaign;
  readonly query?: string;
  readonly options?: PostbackOptions;
}
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const post = (body: string, headers: Record<string, string> = form): Wrong => ({ options: { method: 'POST', headers, body } });

/** The message must be exact if the contract quotes it. */
const errors: [code: keyof typeof errorCodes, status: number, message: string | RegExp, wrong: Wrong][] = [
  ['missing_click_id', 400, 'click_id required', { query: 'payout=5.00' }],
  ['unreplaced_macro', 400, /^click_id required.*subid/, { query: 'subid={click_id}&payout=5.00' }],
  ['ambiguous_parameter', 400, /payout.*different values/, { query: 'click_id=CLICK&payout=5&payout=6' }],
  ['invalid_payout', 400, /payout/, { query: 'click_id=CLICK&payout=five' }],
  ['invalid_currency', 400, /currency/, { query: 'click_id=CLICK&currency=DOLLAR' }],
  ['invalid_body', 400, /JSON/, post('{"click_id":', { 'content-type': 'application/json' })],
  ['invalid_encoding', 400, /payout/, { query: 'click_id=CLICK&payout=%E0%A4%A' }],
  ['parameter_too_long', 400, /note/, { query: `click_id=CLICK&note=${'x'.repeat(8_193)}` }],
  ['click_not_found', 404, 'Click not found', { query: 'click_id=CLK-NOBODY&payout=5.00' }],
  ['signature_missing', 403, /x-signature/, { from: () => signing, query: 'click_id=CLICK&payout=5.00' }],
  [
    'signature_invalid',
    403,
    /signature/,
    {
      from: () => signing,
      query: 'click_id=CLICK',
      options: { headers: { 'X-Signature': 'a'.repeat(64), 'X-Timestamp': String(Math.floor(Date.now() / 1_000)) } },
    },
  ],
  ['ip_not_allowed', 403, /address/, { from: () => strict, query: 'click_id=CLICK&payout=5.00' }],
  ['partner_inactive', 403, /inactive/, { from: () => inactive, query: 'click_id=CLICK&payout=5.00' }],
  ['method_not_allowed', 405, /GET or POST/, { query: 'click_id=CLICK', options: { method: 'PUT' } }],
  ['payload_too_large', 413, /64 KB/, post(`click_id=CLICK&note=${'x'.repeat(65_536)}`)],
  ['unsupported_media_type', 415, /JSON/, post('<click/>', { 'content-type': 'application/xml' })],
];

describe('an error says what was wrong, is logged, and pays nothing', () => {
  test.each(errors)('%s: %s', async (code, status, message, { from = () => campaign, query = '', options }) => {
    const own = from();
    const answer = await inbound.stack.postback(own.key, query.replace('CLICK', own.clickId), options);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.body).toEqual({
      status: 'error',
      code,
      message: expect.stringMatching(message),
      log_id: expect.stringMatching(/^[0-9A-Z]{26}$/),
    });
    if (typeof message === 'string') expect(answer.body.message).toBe(message);
    expect(await inbound.log(answer.body.log_id)).toMatchObject({
      result: 'error',
      code,
      message: answer.body.message,
      partner_id: own.partnerId,
    });
    expect(await inbound.balance(own)).toBe('0.00');
  });

  test('an unknown key has no log entry', async () => {
    const answer = await inbound.stack.postback('x'.repeat(32), { click_id: campaign.clickId });
    expect(answer).toMatchObject({ status: 404, body: { status: 'error', code: 'invalid_key', message: 'Invalid postback key' } });
    expect((await inbound.stack.admin('GET', `/received-postbacks/${answer.body.log_id}`)).status).toBe(404);
  });

  test('every code of the registry has a test', () => {
    const elsewhere = ['invalid_key', 'rate_limited', 'unavailable'];
    expect([...errors.map(([code]) => code), ...elsewhere].sort()).toEqual(Object.keys(errorCodes).sort());
  });
});

const good = ['0', '5', '5.0', '5.00', '0.000001', '999999999999.999999', '007.50', ' 5.00 '];
const bad = [
  '-5',
  '-0.01',
  'NaN',
  'Infinity',
  '1e3',
  '5,00',
  '1,000.00',
  '$5',
  '5 USD',
  '0x10',
  '5.',
  '.5',
  '5.0000001',
  '1000000000000',
  '+5',
  '٥',
  '5.0.0',
  'null',
  "5'",
];

describe('payout', () => {
  test.each(good)('%j is read', async (payout) => {
    const { answer } = await inbound.send(campaign.key, { click_id: await campaign.newClick('payout'), payout });
    expect(answer.body).toMatchObject({ result: 'accepted' });
  });

  test.each(bad)('%j is invalid_payout', async (payout) => {
    const { answer } = await inbound.send(campaign.key, { click_id: await campaign.newClick(), payout });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_payout' } });
  });

  test.each([
    ['5.00', 'accepted'],
    ['5e0', 'error'],
    ['-5', 'error'],
    ['true', 'error'],
    ['"5.00"', 'accepted'],
    ['null', 'held'],
  ])('the JSON value %s: %s', async (value, result) => {
    const body = `{"click_id":"${await campaign.newClick('payout')}","payout":${value}}`;
    expect(
      (await inbound.send(campaign.key, '', { method: 'POST', headers: { 'content-type': 'application/json' }, body })).log.result,
    ).toBe(result);
  });

  test('a negative amount reverses only where the preset says so', async () => {
    const torox = await inbound.stack.campaign({ partner: { preset: 'torox', ip_policy: 'off' } });
    expect((await inbound.send(torox.key, { user_id: torox.clickId, id: 'T', payout: '-5.00' })).log).toMatchObject({
      result: 'accepted',
      status: 'reversed',
    });
  });
});

describe('currency', () => {
  test.each([
    ['USD', 200],
    ['eur', 200],
    ['KWD', 200],
    ['XXX', 400],
    ['US', 400],
    ['BTC', 400],
    ['$', 400],
  ])('%s: %d', async (currency, status) => {
    const { answer } = await inbound.send(campaign.key, { click_id: await campaign.newClick(), payout: '5.00', currency });
    expect(answer.status).toBe(status);
    if (status === 400) expect(answer.body.code).toBe('invalid_currency');
  });
});

describe('limits', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `p${index}=1`).join('&');

  const asQuery = (parameters: string) => inbound.send(campaign.key, parameters);
  const asBody = (parameters: string) => inbound.send(campaign.key, '', { method: 'POST', headers: form, body: parameters });
  const rows: [what: string, status: number, parameters: string, send: typeof asQuery][] = [
    ['100 parameters', 200, many(98), asQuery],
    ['101 parameters', 400, many(99), asQuery],
    ['a name of 100 characters', 200, `${'n'.repeat(100)}=1`, asQuery],
    ['a name of 101 characters', 400, `${'n'.repeat(101)}=1`, asQuery],
    ['a standard value of 2,048 characters', 200, `transaction_id=${'t'.repeat(2_048)}`, asQuery],
    ['a standard value of 2,049 characters', 400, `transaction_id=${'t'.repeat(2_049)}`, asQuery],
    ['a custom value of 8,192 characters', 200, `note=${'v'.repeat(8_192)}`, asQuery],
    ['a custom value of 8,193 characters', 400, `note=${'v'.repeat(8_193)}`, asQuery],
    ['a custom value of 8,192 emoji', 200, `note=${'😀'.repeat(8_192)}`, asBody],
  ];
  test.each(rows)('%s: %d', async (_what, status, parameters, send) => {
    const { answer, log } = await send(`click_id=${await campaign.newClick('limits')}&payout=5&${parameters}`);
    expect(answer.status).toBe(status);
    expect(log.code).toBe(status === 200 ? null : 'parameter_too_long');
  });

  test.each([
    [65_536, 200],
    [65_537, 413],
  ])('a body of %d bytes: %d', async (size, status) => {
    const start = `{"click_id":"${await campaign.newClick()}","payout":5,"nested":[[`;
    const end = ']]}';
    const body = `${start}${' '.repeat(size - start.length - end.length)}${end}`;
    const { answer, log } = await inbound.send(campaign.key, '', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(answer.status).toBe(status);
    expect(log.code).toBe(status === 200 ? null : 'payload_too_large');
  });
});

test('the log is found by partner, click, result and code, newest first', async () => {
  const own = await inbound.stack.campaign();
  await inbound.send(own.key, { click_id: own.clickId, payout: '5.00' });
  await inbound.send(own.key, { click_id: own.clickId, payout: 'x' });
  await inbound.send(own.key, { click_id: 'CLK-OTHER', payout: '5.00' });
  const codes = async (filter: string) =>
    (await inbound.stack.adminOk('GET', `/received-postbacks?${filter}`)).logs.map(
      ({ code, result }: { code: string; result: string }) => code ?? result,
    );
  expect(await codes(`partner_id=${own.partnerId}`)).toEqual(['click_not_found', 'invalid_payout', 'accepted']);
  expect(await codes(`unique_key=${own.key}&result=error`)).toEqual(['click_not_found', 'invalid_payout']);
  expect(await codes(`partner_id=${own.partnerId}&code=click_not_found`)).toEqual(['click_not_found']);
  expect(await codes(`partner_id=${own.partnerId}&click_id=${own.clickId}`)).toContain('accepted');
});
