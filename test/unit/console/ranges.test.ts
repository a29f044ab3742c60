import { expect, test } from '@jest/globals';
import { dayOf, monthBefore, quickRanges, rangeOf, withTimes } from '../../../functions/admin/console/core/ranges.ts';

const noon = new Date(2026, 2, 1, 12);

test('a person chooses today, yesterday, seven or thirty days with one click, across the ends of months', () => {
  expect(quickRanges(noon)).toEqual([
    { name: 'Today', from: '2026-03-01', to: '2026-03-01' },
    { name: 'Yesterday', from: '2026-02-28', to: '2026-02-28' },
    { name: '7 days', from: '2026-02-23', to: '2026-03-01' },
    { name: '30 days', from: '2026-01-31', to: '2026-03-01' },
  ]);
});

test('figures are about the last seven days unless the URL says otherwise', () => {
  expect([rangeOf({}, noon), rangeOf({ from: '2026-01-05' }, noon), rangeOf({ to: '2026-01-05' }, noon)]).toEqual([
    { from: '2026-02-23', to: '2026-03-01' },
    { from: '2026-01-05', to: '2026-03-01' },
    { from: '2026-01-05', to: '2026-01-05' },
  ]);
});

test('the month before January is December', () => {
  expect([monthBefore(0, new Date(2026, 0, 31)), monthBefore(1, new Date(2026, 0, 31))]).toEqual(['2026-01', '2025-12']);
});

test("a day in a filter is a day in the reader's time zone, and text that is no day is left for the API to refuse", () => {
  const { from = '', to = '', status } = withTimes({ status: 'held', from: '2026-03-01', to: '2026-03-01' });
  expect([dayOf(new Date(from)), new Date(from).getHours(), status]).toEqual(['2026-03-01', 0, 'held']);
  expect(new Date(Date.parse(to) + 1)).toEqual(new Date(2026, 2, 2));
  expect(withTimes({ from: 'soon' })).toEqual({ from: 'soon' });
});
