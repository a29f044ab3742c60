import { describe, expect, test } from '@jest/globals';
import { periodOf } from '../../../functions/admin/records/period.ts';
import { AdminError } from '../../../functions/admin/route.ts';
import { calendarOf } from '../../../functions/domain/statistics/calendar.ts';

const now = Date.parse('2026-10-27T10:07:00Z');
const textOf = ({ from, to, days }: { from: number; to: number; days: readonly string[] }) =>
  [new Date(from).toISOString(), new Date(to).toISOString(), days.length] as const;
const periods = (asked: Parameters<typeof periodOf>[0], timezone = 'UTC') => {
  const { period, previous } = periodOf(asked, calendarOf(timezone), now);
  return [textOf(period), textOf(previous)];
};

describe('a period', () => {
  test('is the last seven days including today, unless other days are given', () => {
    expect(periods({})).toEqual([
      ['2026-10-21T00:00:00.000Z', '2026-10-28T00:00:00.000Z', 7],
      ['2026-10-14T00:00:00.000Z', '2026-10-21T00:00:00.000Z', 7],
    ]);
  });

  test('of days is compared with as many days before it, whatever the clocks did', () => {
    expect(periods({ from: '2026-10-24', to: '2026-10-25' }, 'Europe/Berlin')).toEqual([
      ['2026-10-23T22:00:00.000Z', '2026-10-25T23:00:00.000Z', 2],
      ['2026-10-21T22:00:00.000Z', '2026-10-23T22:00:00.000Z', 2],
    ]);
  });

  test('ends today in its time zone if it only has a beginning', () => {
    expect(periods({ from: '2026-10-27' }, 'Pacific/Kiritimati')[0]).toEqual(['2026-10-26T10:00:00.000Z', '2026-10-28T10:00:00.000Z', 2]);
  });

  test('of times is compared with an equally long time before it', () => {
    expect(periods({ from: '2026-10-25T00:15:00+05:45', to: '2026-10-25T01:00:00+05:45' }, 'Asia/Kathmandu')).toEqual([
      ['2026-10-24T18:30:00.000Z', '2026-10-24T19:15:00.000Z', 1],
      ['2026-10-24T17:45:00.000Z', '2026-10-24T18:30:00.000Z', 2],
    ]);
    // An offset whose `+` has been read as a space.
    expect(periods({ from: '2026-10-25T02:00:00 02:00', to: '2026-10-25T03:00:00 02:00' })[0]?.[0]).toBe('2026-10-25T00:00:00.000Z');
  });

  test.each([
    [{ days: 3, from: '2026-10-01' }, 'invalid_days'],
    [{ to: '2026-10-01' }, 'invalid_from'],
    [{ from: '2026-10-02', to: '2026-10-01' }, 'invalid_to'],
    [{ from: '2026-01-01', to: '2026-04-03' }, 'invalid_to'],
    [{ from: '2020-01-01', to: '2999-12-31' }, 'invalid_to'],
    [{ from: '2026-10-01T12:07:00Z', to: '2026-10-02' }, 'invalid_from'],
    [{ from: '2026-10-01', to: '2026-10-01T12:00:01Z' }, 'invalid_to'],
    [{ from: '2026-10-01', to: '2026-13-01T12:00 01:00' }, 'invalid_to'],
  ])('of %j is refused, and it is said why', (asked, code) => {
    const refused = () => periods(asked);
    expect(refused).toThrow(AdminError);
    expect(refused).toThrow(expect.objectContaining({ status: 400, code }));
  });

  test('of 92 days is not too long', () => {
    expect(periods({ from: '2026-01-01', to: '2026-04-02' })[0]?.[2]).toBe(92);
  });
});
