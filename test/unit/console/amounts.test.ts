import { describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import fc from 'fast-check';
import { groupedText, largest, moneyText, shareOf, sumOf } from '../../../functions/admin/console/core/amounts.ts';

const amount = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.integer({ min: 0, max: 6 }))
  .map(([negative, digits, decimals]) =>
    new Big(String(digits))
      .div(new Big(10).pow(decimals))
      .times(negative ? -1 : 1)
      .toFixed(decimals),
  );

describe('amounts in charts', () => {
  test('add up exactly', () => {
    fc.assert(
      fc.property(fc.array(amount), (amounts) => {
        const exact = amounts.reduce((sum, one) => sum.plus(one), new Big(0));
        expect(new Big(sumOf(amounts)).eq(exact)).toBe(true);
      }),
    );
    expect(sumOf(['0.10', '0.20'])).toBe('0.30');
  });

  test('are compared as numbers, not as texts', () => {
    expect(largest(['9.00', '10.00', '-20'])).toBe('10.00');
    expect(largest(['-1', '-2'])).toBe('0');
  });

  test('have a length in proportion, and none when they are not above zero', () => {
    expect(shareOf('25.50', '51')).toBe(0.5);
    expect(shareOf('123456789012345678.01', '246913578024691356.02')).toBe(0.5);
    expect([shareOf('-1', '2'), shareOf('1', '0'), shareOf('no amount', '2')]).toEqual([0, 0, 0]);
  });
});

describe('amounts in text', () => {
  test('have at least the decimals of their currency', () => {
    expect([moneyText('5', 'USD'), moneyText('12.3', 'EUR'), moneyText('-4', 'USD')]).toEqual(['5.00', '12.30', '-4.00']);
    expect([moneyText('500', 'JPY'), moneyText('1.5', 'KWD')]).toEqual(['500', '1.500']);
    expect(moneyText('5')).toBe('5.00');
  });

  test('have separated thousands in figures that people read', () => {
    expect(['0', '999.50', '1000', '-1234567.891', '123456'].map(groupedText)).toEqual([
      '0',
      '999.50',
      '1,000',
      '-1,234,567.891',
      '123,456',
    ]);
  });

  test('lose no decimals', () => {
    expect([moneyText('0.005', 'USD'), moneyText('1.25', 'JPY')]).toEqual(['0.005', '1.25']);
    fc.assert(fc.property(amount, (text) => expect(new Big(moneyText(text, 'USD')).eq(text)).toBe(true)));
  });
});
