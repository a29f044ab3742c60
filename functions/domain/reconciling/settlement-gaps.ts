import type { Conversion } from '../conversion.ts';
import { zero } from '../money.ts';
import type { ReconcileOptions, Records } from '../reconcile.ts';
import { settle } from '../settlement.ts';
import type { Gap } from './gap.ts';

/** Every step is settled, or will be: and what a conversion is worth follows from its steps and its frozen terms. */
export function settlementGaps({ conversions }: Pick<Records, 'conversions'>, options: ReconcileOptions): Gap[] {
  return conversions.flatMap(({ row, watched }) => [...unfinishedGaps(row, watched, options), ...amountGaps(row)]);
}

function unfinishedGaps(
  { conversion_id, steps, settlements, outbox }: Conversion,
  watched: boolean,
  { now, graceMs }: ReconcileOptions,
): Gap[] {
  const open = steps.slice(settlements.length);
  const gaps: Gap[] = [];
  const [oldest] = open;
  if (oldest !== undefined && now - Date.parse(oldest.at) > graceMs) {
    gaps.push({ kind: 'unsettled', about: conversion_id, detail: `${open.length} of ${steps.length} steps, since ${oldest.at}` });
  }
  if ((open.length > 0 || outbox.size > 0) && !watched) {
    gaps.push({ kind: 'unwatched', about: conversion_id, detail: `${open.length} steps to settle, ${outbox.size} deliveries to attempt` });
  }
  return gaps;
}

/** Settles the settled steps once more, from nothing, and compares. */
function amountGaps(conversion: Conversion): Gap[] {
  const { conversion_id, terms, steps, settlements, credited } = conversion;
  if (terms === undefined) {
    const nothing = credited.points.eq(0) && credited.payout.eq(0);
    return nothing ? [] : [{ kind: 'wrong_amount', about: conversion_id, detail: `${credited.points.toFixed()} points without terms` }];
  }
  let worth: Conversion = {
    ...conversion,
    settlements: [],
    credited: { upward: zero, payout: zero, points: zero },
    steps: steps.slice(0, settlements.length),
  };
  const changes: string[] = [];
  while (worth.settlements.length < worth.steps.length) {
    const settled = settle(worth, terms, { at: '', forwardStatuses: [], newDeliveryId: () => '' });
    // Held for want of a payout: closed without a credit.
    if (settled === undefined) return [];
    changes.push(...settled.settlements.map(({ payout, points }) => `${payout.toFixed()}/${points.toFixed()}`));
    worth = { ...worth, settlements: [...worth.settlements, ...settled.settlements], credited: settled.credited };
  }
  const recorded = settlements.map(({ payout, points }) => `${payout.toFixed()}/${points.toFixed()}`);
  const same = worth.credited.points.eq(credited.points) && worth.credited.payout.eq(credited.payout) && changes.join() === recorded.join();
  const detail = `${credited.points.toFixed()} points [${recorded.join()}], should be ${worth.credited.points.toFixed()} [${changes.join()}]`;
  return same ? [] : [{ kind: 'wrong_amount', about: conversion_id, detail }];
}
