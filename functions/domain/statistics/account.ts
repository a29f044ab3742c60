import type Big from 'big.js';
import { zero } from '../money.ts';
import type { Counter } from './counter.ts';

/** What was earned in some time, and what was taken back in it, also of earlier earnings; the latter is a negative amount. */
interface Moved {
  readonly earned: Big;
  readonly takenBack: Big;
}

/** How one offer moved a publisher's account, in one currency. */
export interface Movement {
  readonly offer: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Downward payout, in `currency`. */
  readonly payout: Moved;
  /** Users' points. */
  readonly points: Moved;
}

/** A publisher's account over a month: `opening + earned + takenBack = closing`, exactly (contract section 4). */
export interface Balances extends Moved {
  readonly opening: Big;
  readonly closing: Big;
}

export interface StatementLine {
  readonly offer: string;
  readonly currency: string;
  readonly payout: Balances;
  readonly points: Balances;
}

/** How a quarter of an hour moved the account; the counter must have a publisher, an offer and a currency. */
export function movementOf({ offer, currency, counts }: Counter): Movement {
  return {
    offer,
    currency,
    payout: { earned: counts.get('earned') ?? zero, takenBack: counts.get('taken_back') ?? zero },
    points: { earned: counts.get('points_earned') ?? zero, takenBack: counts.get('points_taken_back') ?? zero },
  };
}

/** One movement for each offer and currency; those that add up to nothing are left out. */
export function sumMovements(movements: Iterable<Movement>): Movement[] {
  const sums = new Map<string, Movement>();
  for (const movement of movements) {
    const key = keyOf(movement);
    const sum = sums.get(key);
    sums.set(
      key,
      sum === undefined ? movement : { ...movement, payout: plus(sum.payout, movement.payout), points: plus(sum.points, movement.points) },
    );
  }
  return [...sums.values()].filter(({ payout, points }) =>
    [payout, points].some(({ earned, takenBack }) => !earned.eq(0) || !takenBack.eq(0)),
  );
}

/**
 * A statement's lines, by offer and currency.
 *
 * @param before everything that moved the account before the month.
 * @param during what moved it in the month.
 */
export function statementLines(before: readonly Movement[], during: readonly Movement[]): StatementLine[] {
  const [opening, moved] = [byKey(before), byKey(during)];
  const lines = new Map([...before, ...during].map((movement) => [keyOf(movement), movement]));
  return [...lines]
    .map(([key, { offer, currency }]) => ({
      offer,
      currency,
      payout: balancesOf(opening.get(key)?.payout, moved.get(key)?.payout),
      points: balancesOf(opening.get(key)?.points, moved.get(key)?.points),
    }))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** The sum of balances; nothing is rounded. */
export function sumBalances(all: readonly Balances[]): Balances {
  return all.reduce<Balances>(
    (sum, one) => ({ ...plus(sum, one), opening: sum.opening.plus(one.opening), closing: sum.closing.plus(one.closing) }),
    balancesOf(undefined, undefined),
  );
}

const nothing: Moved = { earned: zero, takenBack: zero };

function balancesOf(before: Moved = nothing, { earned, takenBack }: Moved = nothing): Balances {
  const opening = before.earned.plus(before.takenBack);
  return { opening, earned, takenBack, closing: opening.plus(earned).plus(takenBack) };
}

function plus(a: Moved, b: Moved): Moved {
  return { earned: a.earned.plus(b.earned), takenBack: a.takenBack.plus(b.takenBack) };
}

function keyOf({ offer, currency }: Pick<Movement, 'offer' | 'currency'>): string {
  return `${offer}|${currency}`;
}

function byKey(movements: readonly Movement[]): ReadonlyMap<string, Movement> {
  return new Map(movements.map((movement) => [keyOf(movement), movement]));
}
