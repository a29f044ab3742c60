import { type Conversion, type Statement, stepsOf } from '../conversion.ts';
import type { Place } from '../conversion-id.ts';
import { standingOf, visibleStatus } from '../conversions/standing.ts';
import { zero } from '../money.ts';
import type { Match } from './match-click.ts';
import type { Receipt } from './receipt.ts';

/** A conversion with other statements. Everything that follows from statements is computed here and nowhere else. */
export function withStatements(before: Conversion, statements: readonly Statement[]): Conversion {
  const standing = standingOf(statements, before.default_currency);
  const held = statements.findLast(({ verdict }) => verdict === 'held');
  const [first] = stepsOf({ statements });
  return {
    ...before,
    revision: before.revision + 1,
    statements,
    status: visibleStatus(standing) ?? 'held',
    code: standing.status === undefined ? held?.code : undefined,
    release_at: standing.paid?.until,
    currency: standing.currency ?? before.default_currency,
    listed_at: before.listed_at ?? first?.log_id,
  };
}

/** A conversion about which nothing has been said. */
export function blankConversion(
  { entry, postback, partner }: Receipt,
  { click, matchedBy }: Extract<Match, { kind: 'click' }>,
  { id, place }: { readonly id: string; readonly place: Place },
): Conversion {
  const default_currency = partner.currency ?? 'USD';
  return {
    conversion_id: id,
    revision: 0,
    partner_id: partner.partner_id,
    publisher_id: click.publisher_id,
    placement_id: click.placement_id,
    offer_id: click.offer_id,
    click_id: click.click_id,
    event: place.event,
    transaction_id: place.transaction_id,
    user_id: click.user_id,
    status: 'held',
    currency: default_currency,
    default_currency,
    matched_by: matchedBy,
    created_at: entry.received_at,
    partner_conversion_id: postback.partnerConversionId,
    click: {
      username: click.username,
      sub_ids: Object.keys(click.sub_ids).length > 0 ? click.sub_ids : undefined,
      affiliate_id: postback.affiliateId,
      ip: click.ip,
      country: click.country,
      device_id: click.device_id,
      clicked_at: click.clicked_at,
    },
    statements: [],
    settlements: [],
    credited: { upward: zero, payout: zero, points: zero },
  };
}
