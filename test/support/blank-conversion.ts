import { clickId } from '../../functions/adapters/dynamo/click-store.ts';
import type { Conversion } from '../../functions/domain/conversion.ts';
import { zero } from '../../functions/domain/money.ts';
import { offerId, partnerId, publisherId } from '../../functions/runtime/ids.ts';

/** A conversion about which nothing has been said yet. @param currency ISO 4217. */
export const blankConversion = (currency: string, at: string): Conversion => ({
  conversion_id: 'CLK-1.complete',
  revision: 0,
  partner_id: partnerId.parse('PARTNER'),
  publisher_id: publisherId.parse('PUB'),
  offer_id: offerId.parse('OFFER'),
  click_id: clickId.parse('CLK-1'),
  event: 'complete',
  user_id: 'USER',
  status: 'held',
  currency,
  default_currency: currency,
  matched_by: 'click_id',
  created_at: at,
  click: {},
  statements: [],
  settlements: [],
  credited: { upward: zero, payout: zero, points: zero },
});
