import { type Conversion, stepsOf } from '../conversion.ts';
import type { ReconcileOptions, Records } from '../reconcile.ts';
import { expectedWorth } from './expected-worth.ts';
import type { Gap } from './gap.ts';

/**
 * Checks that every accepted statement is settled, and that what a conversion is worth follows from its statements and its frozen terms.
 */
export function settlementGaps({ conversions }: Pick<Records, 'conversions'>, options: ReconcileOptions): Gap[] {
  return conversions.flatMap((conversion) => [
    ...unfinishedGaps(conversion, options),
    ...forgottenGaps(conversion, options),
    ...amountGaps(conversion),
  ]);
}

function unfinishedGaps(conversion: Conversion, { now, graceMs }: ReconcileOptions): Gap[] {
  const steps = stepsOf(conversion);
  const open = steps.slice(conversion.settlements.length);
  const [oldest] = open;
  if (oldest === undefined || now - Date.parse(oldest.at) <= graceMs) return [];
  const detail = `${open.length} of ${steps.length} changes, since ${oldest.at}`;
  return [{ kind: 'unsettled', about: conversion.conversion_id, detail }];
}

/** A hold period that is over without any effect. */
function forgottenGaps({ conversion_id: about, release_at }: Conversion, { now, graceMs }: ReconcileOptions): Gap[] {
  if (release_at === undefined || now - Date.parse(release_at) <= graceMs) return [];
  return [{ kind: 'unsettled', about, detail: `waits in a hold period that was over at ${release_at}` }];
}

function amountGaps(conversion: Conversion): Gap[] {
  const { credited } = conversion;
  const expected = expectedWorth(conversion);
  if (expected === undefined || (expected.points.eq(credited.points) && expected.payout.eq(credited.payout))) return [];
  const detail = `${credited.points.toFixed()} points for ${credited.payout.toFixed()}, should be ${expected.points.toFixed()} for ${expected.payout.toFixed()}`;
  return [{ kind: 'wrong_amount', about: conversion.conversion_id, detail }];
}
