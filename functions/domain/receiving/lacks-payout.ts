import type { Said } from '../conversion.ts';
import { zero } from '../money.ts';
import { exactEarnings, type Terms, termsOf } from '../revenue-share.ts';
import type { Offer } from '../settings.ts';
import type { SettingsReader } from './ports.ts';

/** Whose terms say what it is worth. */
export interface Payee {
  /** Terms that are frozen hold for this question too. */
  readonly terms: Terms | undefined;
  /** Absent: it was deleted. */
  readonly offer: Offer | undefined;
  readonly publisherId: Parameters<SettingsReader['publisher']>[0];
  readonly event: string;
}

/** Whether an approval would pay a percentage of nothing, which is unknown: it needs a payout (contract section 2). */
export async function lacksPayout(
  settings: Pick<SettingsReader, 'publisher'>,
  { status, amount }: Pick<Said, 'status' | 'amount'>,
  { terms: frozen, offer, publisherId, event }: Payee,
): Promise<boolean> {
  if (status !== 'approved' || amount !== undefined) return false;
  const publisher = frozen === undefined ? await settings.publisher(publisherId) : undefined;
  // Neither the exchange rate nor the currency decides whether there is anything to share.
  const terms = frozen ?? (offer && publisher && termsOf(offer, publisher, event, zero, 'USD'));
  return terms !== undefined && exactEarnings(terms, amount) === undefined;
}
