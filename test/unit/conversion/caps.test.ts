import { describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import type { Conversion, Counted, Statement } from '../../../functions/domain/conversion.ts';
import { capsFor, countChanges } from '../../../functions/domain/conversions/counting.ts';
import { withStatements } from '../../../functions/domain/receiving/new-conversion.ts';
import type { Cap } from '../../../functions/domain/settings.ts';
import { publisherId } from '../../../functions/runtime/ids.ts';
import { tell } from './stories.ts';

const one = publisherId.parse('one');
const dollars = { of: 'USD', offer: 'USD' };
const places = (cap: Partial<Cap>, at: string) =>
  capsFor({ caps: [{ per: 'day', of: 'conversions', limit: new Big(10), ...cap }] }, one, dollars, Date.parse(at)).capped.map(
    ({ place }) => place,
  );

describe('the period of a cap', () => {
  test.each<[string, Partial<Cap>, string, string]>([
    ['a day', {}, '2026-03-01T23:59:59Z', 'day#conversions#*#UTC#2026-03-01'],
    ['a day in a zone', { timezone: 'Pacific/Auckland' }, '2026-03-01T23:59:59Z', 'day#conversions#*#Pacific/Auckland#2026-03-02'],
    ['a week begins on Monday', { per: 'week' }, '2026-03-01T12:00:00Z', 'week#conversions#*#UTC#2026-02-23'],
    ['and so it does on a Monday', { per: 'week' }, '2026-03-02T00:00:00Z', 'week#conversions#*#UTC#2026-03-02'],
    ['a month', { per: 'month' }, '2026-02-28T12:00:00Z', 'month#conversions#*#UTC#2026-02'],
    ['all of time', { per: 'total', of: 'payout' }, '2026-02-28T12:00:00Z', 'total#payout#*#UTC#-'],
    ['a publisher of its own', { publisher_id: one }, '2026-03-01T12:00:00Z', 'day#conversions#one#UTC#2026-03-01'],
  ])('%s', (_what, cap, at, place) => {
    expect(places(cap, at)).toEqual([place]);
  });

  test("is not counted by another publisher's cap", () => {
    expect(places({ publisher_id: publisherId.parse('two') }, '2026-03-01T12:00:00Z')).toEqual([]);
  });

  test('cannot be counted by a cap on payout in another currency', () => {
    const caps: Cap[] = [{ per: 'day', of: 'payout', limit: new Big(10) }];
    expect(capsFor({ caps }, one, { of: 'EUR', offer: 'USD' }, 0)).toEqual({ capped: [], uncountable: true });
  });
});

describe("a conversion's place in the counters of caps", () => {
  const counted: readonly Counted[] = [
    { place: 'conversions', of: 'conversions' },
    { place: 'payout', of: 'payout' },
  ];
  const blank = tell([]).conversion;
  const said = (conversion: Conversion, more: Partial<Statement>): Conversion =>
    withStatements(conversion, [
      ...conversion.statements,
      { status: 'approved', verdict: 'accepted', log_id: `LOG${conversion.revision}`, at: '2026-03-01T00:00:00.000Z', ...more },
    ]);
  const changes = (before: Conversion, after: Conversion) =>
    Object.fromEntries(countChanges(before, after).map(({ place, by }) => [place, by.toFixed()]));
  const approved = said(blank, { amount: new Big(10), transaction_id: 'T1', counted });

  test('is taken by the approval', () => {
    expect(changes(blank, approved)).toEqual({ conversions: '1', payout: '10' });
  });

  test('must fit under the limits, while returning it is always possible', () => {
    const limits = new Map([['conversions', new Big(3)]]);
    expect(countChanges(blank, approved, limits).map(({ most }) => most?.toFixed())).toEqual(['3', undefined]);
    expect(countChanges(approved, blank, limits).map(({ most }) => most)).toEqual([undefined, undefined]);
  });

  test('is returned in part of the payout by a partial reversal, and completely by the rest', () => {
    const part = said(approved, { status: 'reversed', amount: new Big(4), transaction_id: 'T1' });
    expect(changes(approved, part)).toEqual({ payout: '-4' });
    expect(changes(part, said(part, { status: 'reversed', transaction_id: 'T1' }))).toEqual({ conversions: '-1', payout: '-6' });
  });

  test('is not taken by an approval whose reversal came first', () => {
    const early = said(blank, { status: 'reversed', transaction_id: 'T1' });
    expect(changes(early, said(early, { amount: new Big(10), transaction_id: 'T1', counted }))).toEqual({});
  });

  test('is the same with a hold period', () => {
    const waiting = said(blank, { amount: new Big(10), counted, release_at: '2026-03-02T00:00:00.000Z' });
    expect(changes(blank, waiting)).toEqual({ conversions: '1', payout: '10' });
    expect(changes(waiting, said(waiting, { amount: new Big(10), releases: true }))).toEqual({});
  });
});
