import type * as z from 'zod';
import type { Setting } from '../../adapters/dynamo/settings-writer.ts';
import { trackingMacros } from '../../domain/delivery/fields.ts';
import type { Cap, Goal, Offer } from '../../domain/settings.ts';
import { chosen } from '../schemas/fields.ts';
import type { OfferChange, offerView } from '../schemas/offer.ts';
import { checkAddress, targetWarnings } from './address.ts';
import { exactMoneyText } from './amount-text.ts';

/** The default of contract 1.4. */
export const usualWindowDays = 30;

/**
 * The offer after a change: fields that were not sent keep their value, and null clears a field.
 *
 * @throws AdminError 400 when the target or the fallback URL cannot be used.
 */
export function changedOffer(current: Offer, sent: OfferChange): Offer {
  checkAddress('target_url', sent.target_url, true);
  checkAddress('fallback_url', sent.fallback_url, true);
  return {
    ...current,
    name: sent.name ?? current.name,
    target_url: sent.target_url ?? current.target_url,
    fallback_url: chosen(sent.fallback_url, current.fallback_url, undefined),
    campaign_id: chosen(sent.campaign_id, current.campaign_id, undefined),
    payout: chosen(sent.payout, current.payout, undefined),
    revenue_share_percent: chosen(sent.revenue_share_percent, current.revenue_share_percent, undefined),
    currency: chosen(sent.currency, current.currency, undefined),
    conversion_window_days: chosen(sent.conversion_window_days, current.conversion_window_days, usualWindowDays),
    repeat: chosen(sent.repeat, current.repeat, undefined),
    hold_hours: chosen(sent.hold_hours, current.hold_hours, undefined),
    caps: chosen(sent.caps === null ? null : sent.caps?.map(capOf), current.caps, undefined),
    goals: chosen(sent.goals === null ? null : sent.goals?.map(goalOf), current.goals, []),
    status: chosen(sent.status, current.status, 'active'),
  };
}

function goalOf({ event, payout, revenue_share_percent, hold_hours }: NonNullable<OfferChange['goals']>[number]): Goal {
  return {
    event,
    payout: payout ?? undefined,
    revenue_share_percent: revenue_share_percent ?? undefined,
    hold_hours: hold_hours ?? undefined,
  };
}

function capOf({ per, of, limit, publisher_id, timezone }: NonNullable<OfferChange['caps']>[number]): Cap {
  return { per, of, limit, publisher_id: publisher_id ?? undefined, timezone: timezone ?? undefined };
}

const clickIdMacro = /\{_?click_id(?::[^{}]*)?\}/i;

/** Warnings about settings that are valid but may not be meant. */
export function offerWarnings(offer: Offer): string[] {
  const paysNothing = !offer.revenue_share_percent?.gt(0) && !offer.payout?.gt(0);
  const noClickId = !clickIdMacro.test(offer.target_url);
  const { fallback_url } = offer;
  const fallbackHasClickId = fallback_url !== undefined && clickIdMacro.test(fallback_url);
  return [
    ...targetWarnings('target_url', offer.target_url, trackingMacros),
    ...(fallback_url === undefined ? [] : targetWarnings('fallback_url', fallback_url, trackingMacros)),
    ...(fallbackHasClickId ? ['fallback_url: {click_id} will be empty, because no click is recorded for an inactive offer'] : []),
    ...(noClickId ? ['target_url: does not hold {click_id}, so the partner cannot name the click in its postback'] : []),
    ...(paysNothing ? ['payout: neither payout nor revenue_share_percent is above 0, so the offer itself pays nothing'] : []),
  ];
}

export function offerViewOf({ value, created_at, updated_at }: Setting<Offer>): z.output<typeof offerView> {
  return {
    ...value,
    fallback_url: value.fallback_url ?? null,
    campaign_id: value.campaign_id ?? null,
    payout: value.payout === undefined ? null : exactMoneyText(value.payout, value.currency),
    revenue_share_percent: value.revenue_share_percent?.toFixed() ?? null,
    currency: value.currency ?? null,
    repeat: value.repeat ?? null,
    hold_hours: value.hold_hours?.toFixed() ?? null,
    caps: (value.caps ?? []).map(({ per, of, limit, publisher_id, timezone }) => ({
      per,
      of,
      limit: of === 'payout' ? exactMoneyText(limit, value.currency) : limit.toFixed(),
      publisher_id: publisher_id ?? null,
      timezone: timezone ?? null,
    })),
    goals: value.goals.map(({ event, payout, revenue_share_percent: percent, hold_hours }) => ({
      event,
      payout: payout === undefined ? null : exactMoneyText(payout, value.currency),
      revenue_share_percent: percent?.toFixed() ?? null,
      hold_hours: hold_hours?.toFixed() ?? null,
    })),
    created_at,
    updated_at,
  };
}
