import type Big from 'big.js';
import type { Alerts } from '../alerting/alert.ts';
import { capReached } from '../alerting/thresholds.ts';
import type { Click } from '../click.ts';
import type { Capped, CountChange } from '../conversions/counting.ts';
import type { Outcome } from '../log-entry.ts';
import type { Journal } from './ports.ts';

/** How much of a cap an approval uses, or would have used. */
export interface CapUse extends Capped {
  /** The partner of the offer. */
  readonly partner_id: string;
  readonly offer_id: string;
  /** Conversions, or upward payout in the offer's currency; above zero. */
  readonly by: Big;
}

/** @param counts how the approval changes the counters. */
export function capUses(
  { partner_id }: Pick<Click, 'partner_id'>,
  capped: readonly Capped[],
  counts: readonly CountChange[],
): readonly CapUse[] {
  return capped.flatMap(({ place, cap }) =>
    counts.filter((count) => count.place === place && count.by.gt(0)).map(({ offer_id, by }) => ({ place, cap, partner_id, offer_id, by })),
  );
}

/**
 * Raises alerts about caps that are now full, and about those that had no room for what was just held (contract 3.1). It reads the counters
 * again, since many approvals may have been counted at once; it reads nothing when nobody subscribed.
 */
export async function tellOfCaps(
  { alerts, journal }: { readonly alerts: Pick<Alerts, 'wanted' | 'raise'>; readonly journal: Pick<Journal, 'counted'> },
  { result, caps = [] }: Pick<Outcome, 'result'> & { readonly caps?: readonly CapUse[] | undefined },
): Promise<void> {
  const isNews = caps.length > 0 && (result === 'accepted' || result === 'held');
  if (!isNews || !(await alerts.wanted(['cap.reached']))) return;
  for (const { partner_id: partnerId, offer_id: offerId, place, cap, by } of caps) {
    const counted = await journal.counted(offerId, place);
    const refused = result === 'held' && counted.plus(by).gt(cap.limit) ? by : undefined;
    if (counted.gte(cap.limit) || refused !== undefined) await alerts.raise(capReached({ offerId, partnerId, cap, counted, refused }));
  }
}
