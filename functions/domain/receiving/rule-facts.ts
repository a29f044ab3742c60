import Big from 'big.js';
import type { Click } from '../click.ts';
import type { Facts } from '../conditions.ts';
import type { Json, Postback } from '../postback/postback.ts';
import type { Offer } from '../settings.ts';
import type { knownFields } from './rule-fields.ts';

/** This field needs a read of its own, so its value is known only when a rule asks for it. */
export const conversionsTodayField = 'user_conversions_today' satisfies (typeof knownFields)[number];

export interface Known {
  readonly postback: Postback;
  readonly click: Click;
  readonly offer: Offer;
  /** Epoch milliseconds of receipt. */
  readonly now: number;
  /** Conversions of the user that were paid on the day of receipt (UTC); absent: no rule asks for them. */
  readonly conversionsToday?: number | undefined;
}

/** Everything that a rule can ask about: every parameter that was sent, and what we know about its click (contract 2.1). */
export function factsOf({
  postback,
  click,
  offer,
  now,
  conversionsToday,
}: Known): Facts & Record<(typeof knownFields)[number], string | undefined> {
  const { payout, offerReferences } = postback;
  return {
    ...customFacts(postback.customData),
    click_id: click.click_id,
    status: postback.status,
    payout: payout?.toFixed(),
    currency: postback.currency,
    offer_id: offerReferences[0] ?? offer.offer_id,
    survey_id: offerReferences[0],
    transaction_id: postback.transactionId,
    original_transaction_id: postback.originalTransactionId,
    conversion_id: postback.partnerConversionId,
    event: postback.event,
    user_id: postback.userId ?? click.user_id,
    affiliate_id: postback.affiliateId,
    ...click.sub_ids,
    ...postback.subIds,
    country: postback.country,
    device_id: postback.deviceId,
    ip: postback.ip,
    user_agent: postback.userAgent,
    reason: postback.reason,
    click_age_seconds: String(Math.max(0, Math.floor((now - Date.parse(click.clicked_at)) / 1_000))),
    click_country: click.country,
    postback_country: postback.country,
    country_mismatch: mismatch(click.country, postback.country),
    click_ip: click.ip,
    postback_ip: postback.ip,
    ip_mismatch: mismatch(click.ip, postback.ip),
    [conversionsTodayField]: conversionsToday?.toString(),
    offer_payout_ratio: ratio(payout, offer, postback.event),
  };
}

/** A nested value is given as its JSON. */
function customFacts(data: Readonly<Record<string, Json>>): Facts {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null ? JSON.stringify(value) : textOf(value),
    ]),
  );
}

function textOf(value: Json): string | undefined {
  return value === null ? undefined : String(value);
}

/** Whether two values differ; absent when one of them is unknown. */
function mismatch(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || b === undefined ? undefined : String(a.toLowerCase() !== b.toLowerCase());
}

/** The partner's payout divided by the fixed payout of the goal or offer; absent when there is no fixed payout. */
function ratio(payout: Big | undefined, offer: Offer, event: string): string | undefined {
  const usual = offer.goals.find((goal) => goal.event === event)?.payout ?? offer.payout;
  if (payout === undefined || usual === undefined || !usual.gt(0)) return undefined;
  return new Big(payout.div(usual)).round(6).toFixed();
}
