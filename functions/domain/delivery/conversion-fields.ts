import type Big from 'big.js';
import type { Conversion } from '../conversion.ts';
import { moneyText, pointsText } from '../money.ts';
import type { Offer } from '../settings.ts';
import type { DeliveryFields } from './fields.ts';

/**
 * What a publisher is told of one settled step of a conversion (contract section 3): its own payout and points, never the upward amount.
 *
 * @returns `undefined` when the conversion has no such settled step. The delivery's own id is not among them.
 */
export function conversionFields(conversion: Conversion, stepIndex: number, offer: Offer | undefined): DeliveryFields | undefined {
  const step = conversion.steps[stepIndex];
  const settlement = conversion.settlements[stepIndex];
  if (step === undefined || settlement === undefined) return undefined;
  const { click, terms } = conversion;
  const currency = terms?.currency ?? conversion.currency;
  const money = (amount: Big): string => moneyText(amount, currency);
  return {
    click_id: conversion.click_id,
    conversion_id: conversion.conversion_id,
    // A reversal may carry an id of its own; without one it speaks of the original's.
    transaction_id: step.transaction_id ?? conversion.steps[0]?.transaction_id,
    status: step.status,
    event: conversion.event,
    payout: money(settlement.payout),
    points: pointsText(settlement.points),
    currency,
    offer_id: conversion.offer_id,
    ...offerFields(offer),
    user_id: conversion.user_id,
    affiliate_id: click.affiliate_id,
    publisher_id: conversion.publisher_id,
    placement_id: conversion.placement_id,
    username: click.username,
    sub_id1: click.sub_ids?.['sub_id1'],
    sub_id2: click.sub_ids?.['sub_id2'],
    sub_id3: click.sub_ids?.['sub_id3'],
    sub_id4: click.sub_ids?.['sub_id4'],
    sub_id5: click.sub_ids?.['sub_id5'],
    ip: step.ip ?? click.ip,
    country: step.country ?? click.country,
    device_id: step.device_id ?? click.device_id,
    timestamp: String(Math.floor(Date.parse(step.at) / 1_000)),
    reason: step.reason,
    sequence: String(sequenceOf(conversion, stepIndex)),
  };
}

/** How many changes that a publisher can see the conversion had come to with this one: 1, 2, 3. */
export function sequenceOf({ steps }: Pick<Conversion, 'steps'>, stepIndex: number): number {
  return steps.slice(0, stepIndex + 1).filter(({ silent }) => !silent).length;
}

/** What the offer as it is now adds to them. */
export function offerFields(offer: Offer | undefined): Pick<DeliveryFields, 'offer_name' | 'campaign_id'> {
  return { offer_name: offer?.name, campaign_id: offer?.campaign_id };
}
