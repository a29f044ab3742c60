import { describe, expect, test } from '@jest/globals';
import { hmacSha256, story, verdict } from './network.ts';

const header = 'x-ayetstudios-security-hash';

describe('ayet', () => {
  test.each([
    [
      'a conversion',
      'external_identifier=CLK-1&transaction_id=T1&payout_usd=0.36&currency_amount=360',
      { status: 'approved', payout: '0.36', transaction: 'T1' },
    ],
    [
      'a chargeback',
      'external_identifier=CLK-1&transaction_id=r-T1&payout_usd=-0.36&is_chargeback=1&chargeback_reason=fraud',
      { status: 'reversed', payout: '0.36', transaction: 'r-T1' },
    ],
    ['no chargeback', 'external_identifier=CLK-1&transaction_id=T1&payout_usd=0.36&is_chargeback=0', { status: 'approved' }],
    [
      'a chargeback told by its amount',
      'external_identifier=CLK-1&transaction_id=r-T1&payout_usd=-0.36',
      { status: 'reversed', payout: '0.36' },
    ],
  ])('%s', async (_what, query, expected) => {
    expect(await story('ayet', { query })).toMatchObject({ click: 'CLK-1', event: 'complete', ...expected });
  });
});

const check = (query: string, hash?: string, more: object = {}) =>
  verdict('ayet', { query, headers: hash === undefined ? {} : { [header]: hash }, ...more }, { secrets: ['APIKEY'] });

describe('ayet signs the sorted query', () => {
  const hash = 'b31ae5d3e3961c7ad44032e7235a67bf42e86458951b805592dece9216abb09e';
  const sent = 'payout_usd=0.36&network=ayetstudios&amount=360&external_identifier=user+name';

  test.each([
    ['the vector', 'amount=360&external_identifier=user+name&network=ayetstudios&payout_usd=0.36'],
    ['the vector in another order', sent],
    ['a space encoded otherwise', sent.replace('+', '%20')],
  ])('%s', async (_what, query) => {
    expect(await check(query, hash)).toBe('valid');
  });

  test.each([
    ['a value changed', sent.replace('0.36', '3.6')],
    ['a parameter added', `${sent}&a=1`],
    ['a parameter left out', sent.replace('&amount=360', '')],
    ['a parameter twice', `${sent}&amount=360`],
    ['an amount twice', `${sent}&payout_usd=36`],
    ['nothing', ''],
  ])('%s is refused', async (_what, query) => {
    expect(await check(query, hash)).toMatch(/^signature_invalid/);
  });

  test.each([
    ['cut off', hash.slice(2)],
    ['longer', `${hash}00`],
    ['of another key', hmacSha256('OTHER', sent)],
  ])('a hash %s is refused', async (_what, wrong) => {
    expect(await check(sent, wrong)).toMatch(/^signature_invalid/);
  });

  test('no header is missing', async () => {
    expect(await check(sent)).toMatch(/^signature_missing.*x-ayetstudios-security-hash/);
    expect(await check(sent, '')).toMatch(/^signature_missing/);
  });

  test('a body is not covered', async () => {
    expect(await check(sent, hash, { body: 'external_identifier=CLK-2' })).toBe('unsigned: click_id');
  });

  test("it is encoded as PHP encodes: ~ and *!'() too", async () => {
    const php = 'a=%7E%2A%21%27%28%29-_.&b=%C3%A9+%2B';
    expect(await check("b=é%20%2B&a=~*!'()-_.", hmacSha256('APIKEY', php))).toBe('valid');
  });
});
