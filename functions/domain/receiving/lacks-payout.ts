import type { Said } from '../conversion.ts';
import { zero } from '../money.ts';
import { exactEarnings, type Terms, termsOf } from '../revenue-share.ts';
import type { Offer } from '../settings.ts';
import type { SettingsReader } from './ports.ts';

/** The conversion's terms, or what they would follow from. */
export interface Payee {
  /** Frozen terms also apply here. */
  readonly terms: Terms | undefined;
  /** Absent: the offer was deleted. */
  readonly offer: Offer | undefined;
  readonly publisherId: Parameters<SettingsReader['publisher']>[0];
  readonly event: string;
}

/** Whether an approval needs a payout that it does not have: a percentage of no payout is unknown (contract section 2). */
export async function lacksPayout(
  settings: Pick<SettingsReader, 'publisher'>,
  { status, amount }: Pick<Said, 'status' | 'amount'>,
  { terms: frozen, offer, publisherId, event }: Payee,
): Promise<boolean> {
  if (status !== 'approved' || amount !== undefined) return false;
  const publisher = frozen === undefined ? await settings.publisher(publisherId) : undefined;
  // Neither the exchange rate nor the currency matters for whether there is anything to share.
  const terms = frozen ?? (offer && publisher && termsOf(offer, publisher, event, zero, 'USD'));
  return terms !== undefined && exactEarnings(terms, amount) === undefined;
}
