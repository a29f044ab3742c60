import { describe, expect, test } from '@jest/globals';
import Big from 'big.js';
import fc from 'fast-check';
import { addDays, calendarOf, daysFrom, quarterMs, quartersBetween } from '../../../functions/domain/statistics/calendar.ts';
import type { Counter, CounterName } from '../../../functions/domain/statistics/counter.ts';
import { addCounter, newTally, type Sums } from '../../../functions/domain/statistics/tally.ts';

const zones = [...Intl.supportedValuesOf('timeZone'), 'UTC'];
const zone = fc.constantFrom(...zones);
/** Quarters from 2015 to 2039: they contain every rule about clocks that has been decided on, and no historic ones. */
const quarter = fc.integer({ min: Date.UTC(2015, 0) / quarterMs, max: Date.UTC(2039, 0) / quarterMs }).map((at) => at * quarterMs);

describe('a day', () => {
  test.each([
    ['UTC', '2026-03-29', '2026-03-29T00:00:00.000Z', 24],
    ['Asia/Kathmandu', '2026-03-29', '2026-03-28T18:15:00.000Z', 24],
    ['Pacific/Chatham', '2026-01-01', '2025-12-31T10:15:00.000Z', 24],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', 23],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', 25],
    ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00:00.000Z', 24.5],
    ['Australia/Lord_Howe', '2026-10-04', '2026-10-03T13:30:00.000Z', 23.5],
    // Its clocks skip midnight, so the day begins at one o'clock.
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z', 23],
    ['Pacific/Kiritimati', '2026-01-01', '2025-12-31T10:00:00.000Z', 24],
  ])('of %s, %s, begins when its clocks say so, and has the hours that they show', (timezone, day, begins, hours) => {
    const calendar = calendarOf(timezone);
    const [from, to] = [calendar.startOf(day), calendar.startOf(addDays(day, 1))];
    expect([new Date(from).toISOString(), (to - from) / 3_600_000]).toEqual([begins, hours]);
  });

  test('in any time zone contains the quarters that its clocks show on that day, and the quarter before it belongs to an earlier day', () => {
    fc.assert(
      fc.property(zone, quarter, (timezone, at) => {
        const calendar = calendarOf(timezone);
        const day = calendar.dayOf(at);
        const from = calendar.startOf(day);
        expect([calendar.dayOf(from), calendar.dayOf(from - quarterMs) < day, from <= at]).toEqual([day, true, true]);
        expect(calendar.startOf(addDays(day, 1))).toBeGreaterThan(at);
      }),
    );
  });
});

describe('an hour', () => {
  test('that the clocks show twice counts as two', () => {
    const calendar = calendarOf('Europe/Berlin');
    const hours = new Set([...quartersBetween(calendar.startOf('2026-10-25'), calendar.startOf('2026-10-26'))].map(calendar.hourOf));
    expect(hours.size).toBe(25);
    expect([...hours].slice(1, 5)).toEqual([
      '2026-10-25T01:00:00+02:00',
      '2026-10-25T02:00:00+02:00',
      '2026-10-25T02:00:00+01:00',
      '2026-10-25T03:00:00+01:00',
    ]);
  });

  test.each([
    ['Asia/Kathmandu', '2026-01-01T00:15:00Z', '2026-01-01T06:00:00+05:45'],
    ['America/St_Johns', '2026-01-01T00:15:00Z', '2025-12-31T20:00:00-03:30'],
    ['UTC', '2026-01-01T00:45:00Z', '2026-01-01T00:00:00+00:00'],
  ])('of %s is that of its clocks', (timezone, at, hour) => {
    expect(calendarOf(timezone).hourOf(Date.parse(at))).toBe(hour);
  });
});

test('a list of days has each once, over months, leap days and changes of the clocks, and none when it is upside down', () => {
  expect(daysFrom('2028-02-27', '2028-03-01')).toEqual(['2028-02-27', '2028-02-28', '2028-02-29', '2028-03-01']);
  expect(daysFrom('2026-03-02', '2026-03-01')).toEqual([]);
});

describe('whatever was counted', () => {
  const counter = fc.record({
    at: quarter,
    publisher: fc.constantFrom('', 'p1', 'p2'),
    partner: fc.constantFrom('', 'a1', 'a2'),
    offer: fc.constantFrom('', 'o1'),
    currency: fc.constantFrom('USD', 'EUR'),
    counts: fc
      .record({
        approved: fc.integer({ min: 0, max: 9 }),
        upward: fc.integer({ min: -9_999_999, max: 9_999_999 }),
        earned: fc.integer({ min: 1, max: 9_999_999 }),
        taken_back: fc.integer({ min: -9_999_999, max: 0 }),
        points_earned: fc.integer({ min: 0, max: 9_999_999 }),
      })
      .map(
        ({ approved, ...amounts }) =>
          new Map<CounterName, Big>([
            ['approved', new Big(approved)],
            ...Object.entries(amounts).map(([name, units]): [CounterName, Big] => [name as CounterName, new Big(units).times('0.000001')]),
          ]),
      ),
  });
  const textOf = (all: Iterable<Sums>): string[] => {
    const sums = { approved: 0, USD: new Big(0), EUR: new Big(0), downUSD: new Big(0), downEUR: new Big(0), points: new Big(0) };
    for (const one of all) {
      sums.approved += one.counts.get('approved') ?? 0;
      sums.USD = sums.USD.plus(one.upward.get('USD') ?? 0);
      sums.EUR = sums.EUR.plus(one.upward.get('EUR') ?? 0);
      sums.downUSD = sums.downUSD.plus(one.downward.get('USD') ?? 0);
      sums.downEUR = sums.downEUR.plus(one.downward.get('EUR') ?? 0);
      sums.points = sums.points.plus(one.points);
    }
    return Object.values(sums).map(String);
  };

  test('adds up to the same exact total by days and by hours, in any time zone', () => {
    fc.assert(
      fc.property(zone, fc.array(counter, { maxLength: 30 }), (timezone, counters: Counter[]) => {
        const calendar = calendarOf(timezone);
        const tally = newTally();
        for (const one of counters) addCounter(tally, one, calendar.dayOf(one.at), calendar.hourOf(one.at));
        const expected = counters.reduce(
          (sum, { counts }) => sum.plus(counts.get('earned') ?? 0).plus(counts.get('taken_back') ?? 0),
          new Big(0),
        );
        const [, , , usd, eur] = textOf([tally.total]);
        expect(new Big(usd ?? '').plus(eur ?? '').toFixed()).toBe(expected.toFixed());
        expect(textOf(tally.days.values())).toEqual(textOf([tally.total]));
        expect(textOf(tally.hours.values())).toEqual(textOf([tally.total]));
      }),
    );
  });

  test('is there for each partner, with the days of its approvals', () => {
    const tally = newTally();
    const counts = new Map<CounterName, Big>([
      ['accepted', new Big(3)],
      ['approved', new Big(2)],
      ['reversed', new Big(1)],
    ]);
    const parts = { publisher: 'p', offer: 'o', currency: 'USD', counts };
    addCounter(tally, { ...parts, at: 0, partner: 'a' }, '2026-01-01', undefined);
    addCounter(tally, { ...parts, at: 0, partner: 'a' }, '2026-01-02', undefined);
    addCounter(tally, { ...parts, at: 0, partner: '' }, '2026-01-02', undefined);
    expect([...tally.groups.partner.keys()]).toEqual(['a']);
    expect(tally.groups.partner.get('a')?.sums.counts.get('approved')).toBe(4);
    expect([...(tally.groups.partner.get('a')?.days ?? [])]).toEqual([
      ['2026-01-01', { received: 3, approved: 2, reversed: 1 }],
      ['2026-01-02', { received: 3, approved: 2, reversed: 1 }],
    ]);
    expect(tally.groups.publisher.get('p')?.sums.counts.get('approved')).toBe(6);
  });
});
