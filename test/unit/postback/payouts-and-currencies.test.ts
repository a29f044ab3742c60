import { describe, expect, test } from '@jest/globals';
import type { Network } from '../../../functions/domain/networks/network.ts';
import { currencyOf, minorUnits } from '../../../functions/domain/postback/currency.ts';
import { refused, said } from './requests.ts';

const payoutOf = async (text: string, preset?: Network) =>
  (await said({ query: new URLSearchParams({ payout: text }).toString() }, preset === undefined ? {} : { preset })).payout?.toFixed();

describe('payout (contract 1.7)', () => {
  test.each([
    ['5', '5'],
    ['5.00', '5'],
    ['0', '0'],
    ['0.000001', '0.000001'],
    ['662.6500', '662.65'],
    ['999999999999.999999', '999999999999.999999'],
    [' 5.00 ', '5'],
    ['007', '7'],
  ])('%s is %s', async (text, payout) => {
    expect(await payoutOf(text)).toBe(payout);
  });

  test.each([
    '-5',
    '-0',
    '+5',
    'NaN',
    'Infinity',
    '1e3',
    '$5',
    '5 USD',
    '1,000',
    '1.000,00',
    '.5',
    '5.',
    '0x10',
    '5.1234567',
    '1234567890123',
    '５',
    '5 5',
    'five',
    '--5',
    'null',
  ])('%s is invalid', async (text) => {
    expect(await refused({ query: new URLSearchParams({ payout: text }).toString() })).toEqual({
      code: 'invalid_payout',
      message: expect.stringContaining('payout'),
    });
  });

  test('a JSON number with an exponent is invalid: it counts as its text', async () => {
    expect(await refused({ body: '{"payout":1e3}' })).toMatchObject({ code: 'invalid_payout' });
  });

  test('absent is not zero', async () => {
    expect((await said({ query: 'click_id=CLK-1' })).payout).toBeUndefined();
  });

  const cents: Network = { network_id: 'cents', title: 'Cents', names: {}, amount: { unit: 'minor' } };
  test.each([
    ['30', '0.3'],
    ['0.5', '0.005'],
    ['1', '0.01'],
    ['123456789012', '1234567890.12'],
  ])('%s cents are %s', async (text, payout) => {
    expect(await payoutOf(text, cents)).toBe(payout);
  });

  const reversing: Network = { network_id: 'reversing', title: 'Reversing', names: {}, amount: { negative: 'reverses' } };
  test.each([
    ['-5.00', 'reversed', '5'],
    ['5.00', 'approved', '5'],
    ['-0.00', 'approved', '0'],
  ])('where a negative amount reverses, %s is %s', async (payout, status, amount) => {
    const postback = await said({ query: `payout=${payout}&status=approved` }, { preset: reversing });
    expect([postback.status, postback.payout?.toFixed()]).toEqual([status, amount]);
  });

  test.each(['-', '-.5', '--5', '-1e3'])('not even there is %s an amount', async (payout) => {
    expect(await refused({ query: `payout=${payout}` }, { preset: reversing })).toMatchObject({ code: 'invalid_payout' });
  });
});

describe('currency (contract 1.2)', () => {
  test.each([
    ['eur', 'EUR'],
    [' JPY ', 'JPY'],
  ])('%s is %s', async (sent, currency) => {
    expect((await said({ query: new URLSearchParams({ currency: sent }).toString() })).currency).toBe(currency);
  });

  test.each(['XYZ', 'US', 'USDT', 'XXX', 'XAU', 'euro', '$', 'constructor', 'uſd', 'ＵＳＤ'])('%s is invalid', async (currency) => {
    expect(await refused({ query: `currency=${currency}` })).toMatchObject({ code: 'invalid_currency' });
  });

  test("an absent currency stays absent: whether the partner's or the conversion's applies is decided later", async () => {
    expect((await said({}, { currency: 'EUR' })).currency).toBeUndefined();
  });

  test.each([
    ['USD', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['CLF', 4],
    ['ISK', 0],
    ['HUF', 2],
    ['???', 2],
  ])('%s has %d decimals', (code, decimals) => {
    expect(minorUnits(code)).toBe(decimals);
  });

  test('our list is part of the list of this runtime, including decimals', () => {
    const known = Intl.supportedValuesOf('currency').filter((code) => currencyOf(code) !== undefined);
    expect(known.length).toBeGreaterThan(150);
    // These have fewer decimals in daily use than in ISO 4217.
    const daily = new Set([
      'AFN',
      'ALL',
      'COP',
      'IDR',
      'IQD',
      'IRR',
      'KPW',
      'LAK',
      'LBP',
      'MGA',
      'MMK',
      'MRO',
      'PKR',
      'RSD',
      'SLL',
      'SOS',
      'SYP',
      'TZS',
      'UZS',
      'YER',
      'HUF',
      'AMD',
      'MUR',
      'CRC',
      'GYD',
      'MNT',
      'NOK',
      'SEK',
      'CZK',
      'TWD',
      'TMT',
      'ZMW',
      'SLE',
      'STN',
      'VES',
      'UYW',
      'USN',
      'CLF',
    ]);
    for (const code of known.filter((currency) => !daily.has(currency))) {
      const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions();
      expect([code, minorUnits(code)]).toEqual([code, maximumFractionDigits]);
    }
  });
});
