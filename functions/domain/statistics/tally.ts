import type Big from 'big.js';
import { zero } from '../money.ts';
import { postbackResults } from '../status.ts';
import type { Counter, CounterName } from './counter.ts';

/** Sums of counters. */
export interface Sums {
  readonly counts: Map<CounterName, number>;
  /** By currency, exact. */
  readonly upward: Map<string, Big>;
  /** By currency, exact: what was earned, minus what was taken back. */
  readonly downward: Map<string, Big>;
  points: Big;
}

/** The part of a day that a small chart shows. */
interface Spark {
  received: number;
  approved: number;
  reversed: number;
}

/** Sums of one partner, publisher or offer, and counts for its days. */
export interface Group {
  readonly sums: Sums;
  readonly days: Map<string, Spark>;
}

const groupings = ['partner', 'publisher', 'offer'] as const;
export type Grouping = (typeof groupings)[number];

/** A period's counters, added up in every way that is shown. */
export interface Tally {
  readonly total: Sums;
  readonly days: Map<string, Sums>;
  readonly hours: Map<string, Sums>;
  readonly groups: Readonly<Record<Grouping, Map<string, Group>>>;
}

export function newTally(): Tally {
  return { total: newSums(), days: new Map(), hours: new Map(), groups: { partner: new Map(), publisher: new Map(), offer: new Map() } };
}

/** @param day the day of the counter's quarter, in the requested zone. @param hour its hour; absent: no hours are requested. */
export function addCounter(tally: Tally, counter: Counter, day: string, hour: string | undefined): void {
  addTo(tally.total, counter);
  addTo(of(tally.days, day, newSums), counter);
  if (hour !== undefined) addTo(of(tally.hours, hour, newSums), counter);
  for (const grouping of groupings) {
    if (counter[grouping] === '') continue;
    const group = of(tally.groups[grouping], counter[grouping], () => ({ sums: newSums(), days: new Map() }));
    addTo(group.sums, counter);
    addToSpark(
      of(group.days, day, () => ({ received: 0, approved: 0, reversed: 0 })),
      counter,
    );
  }
}

export function newSums(): Sums {
  return { counts: new Map(), upward: new Map(), downward: new Map(), points: zero };
}

function addTo(sums: Sums, { currency, counts }: Counter): void {
  for (const [name, amount] of counts) {
    switch (name) {
      case 'upward':
        add(sums.upward, currency, amount);
        break;
      case 'earned':
      case 'taken_back':
        add(sums.downward, currency, amount);
        break;
      case 'points_earned':
      case 'points_taken_back':
        sums.points = sums.points.plus(amount);
        break;
      case 'accepted':
      case 'duplicate':
      case 'held':
      case 'logged':
      case 'test':
      case 'error':
      case 'pending':
      case 'approved':
      case 'rejected':
      case 'reversed':
      case 'delivered':
      case 'failed':
        sums.counts.set(name, (sums.counts.get(name) ?? 0) + amount.toNumber());
        break;
      default:
        name satisfies never;
    }
  }
}

function addToSpark(spark: Spark, { counts }: Counter): void {
  const count = (name: CounterName): number => counts.get(name)?.toNumber() ?? 0;
  spark.received += postbackResults.reduce((sum, name) => sum + count(name), 0);
  spark.approved += count('approved');
  spark.reversed += count('reversed');
}

function add(sums: Map<string, Big>, currency: string, amount: Big): void {
  sums.set(currency, (sums.get(currency) ?? zero).plus(amount));
}

function of<T>(map: Map<string, T>, key: string, make: () => T): T {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
