import { describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import { earningsOf, termsOf } from '../../../functions/domain/revenue-share.ts';
import type { Offer, Publisher } from '../../../functions/domain/settings.ts';
import { fixed, share } from './stories.ts';

describe('revenue share is exact (contract section 2)', () => {
  test.each([
    ['47.33', '15', 'USD', '7.10'],
    ['23.45', '7.5', 'USD', '1.76'],
    ['90.01', '5', 'USD', '4.50'],
    ['5.00', '80', 'USD', '4.00'],
    ['3.50', '80', 'USD', '2.80'],
    ['42.50', '100', 'EUR', '42.50'],
    ['101', '50', 'JPY', '50'],
    ['103', '50', 'JPY', '52'],
    ['1.0005', '100', 'KWD', '1.000'],
    ['1.0015', '100', 'KWD', '1.002'],
    ['999999999999.999999', '100', 'USD', '1000000000000.00'],
  ])('%s at %s%% in %s is %s', (upward, percent, currency, payout) => {
    const earned = earningsOf(share(percent, currency), new Big(upward));
    expect(earned?.payout.eq(payout)).toBe(true);
  });

  test('a fixed payout applies whatever the partner sent', () => {
    expect(earningsOf(fixed('50'), new Big('100.00'))?.payout.toFixed()).toBe('50');
    expect(earningsOf(fixed('50'), undefined)?.payout.toFixed()).toBe('50');
  });

  test('a percentage of no payout is unknown, of a payout of zero it is zero', () => {
    expect(earningsOf(share('80'), undefined)).toBeUndefined();
    expect(earningsOf(share('80'), new Big(0))?.points.toFixed()).toBe('0');
  });

  test('points are the downward payout times the exchange rate, kept to two decimals', () => {
    const terms = { ...share('80'), exchangeRate: new Big('33.335') };
    expect(earningsOf(terms, new Big('0.05'))?.points.toFixed()).toBe('1.33');
  });
});

describe('which terms apply', () => {
  const offer = {
    offer_id: 'OFFER',
    payout: new Big('5'),
    revenue_share_percent: new Big('80'),
    goals: [
      { event: 'deposit', payout: new Big('9') },
      { event: 'level' },
      { event: 'share of nothing', revenue_share_percent: new Big('0') },
    ],
  } as unknown as Offer;
  const publisher = (overrides: Publisher['payout_overrides']) => ({ payout_overrides: overrides }) as unknown as Publisher;

  test.each([
    ['the percentage of the offer', 'complete', {}, 'percent', '80', 'offer'],
    ["a goal's own terms", 'deposit', {}, 'fixed', '9', 'goal'],
    ["the offer's where a goal names none", 'level', {}, 'percent', '80', 'offer'],
    ["the offer's payout where a goal names no share of it", 'share of nothing', {}, 'fixed', '5', 'offer'],
    ["the publisher's override before the offer", 'complete', { OFFER: { percent: new Big('90') } }, 'percent', '90', 'override'],
    ["the publisher's override before a goal", 'deposit', { OFFER: { fixed: new Big('1') } }, 'fixed', '1', 'override'],
    ['not an override for another offer', 'complete', { OTHER: { fixed: new Big('1') } }, 'percent', '80', 'offer'],
  ])('%s', (_rule, event, overrides, rule, value, source) => {
    const terms = termsOf(offer, publisher(overrides), event, new Big(1), 'USD');
    expect([terms.rule, terms.value.toFixed(), terms.source]).toEqual([rule, value, source]);
  });
});
