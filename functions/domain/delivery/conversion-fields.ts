import type Big from 'big.js';
import { type Conversion, type Step, shownStatus, stepsOf } from '../conversion.ts';
import { moneyText, pointsText } from '../money.ts';
import type { Offer } from '../settings.ts';
import type { DeliveryFields } from './fields.ts';

/**
 * What a publisher is notified of for one settled step of a conversion (contract section 3): its own payout and points, never the upward
 * amount.
 *
 * @param deliveryId absent while it is only being decided which postbacks are sent.
 * @returns `undefined` when the conversion has no such settled step.
 */
export function conversionFields(
  conversion: Conversion,
  stepIndex: number,
  deliveryId: string | undefined,
  offer: Offer | undefined,
): DeliveryFields | undefined {
  const steps = stepsOf(conversion);
  const step = steps[stepIndex];
  const settlement = conversion.settlements[stepIndex];
  if (step === undefined || settlement === undefined) return undefined;
  const { click, terms } = conversion;
  const currency = terms?.currency ?? conversion.currency;
  const money = (amount: Big): string => moneyText(amount, currency);
  return {
    click_id: conversion.click_id,
    conversion_id: conversion.conversion_id,
    // A reversal may have an id of its own; one without an id uses the original's.
    transaction_id: step.transaction_id ?? transactionOf(steps),
    status: shownStatus(step),
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
    delivery_id: deliveryId,
    sequence: settlement.sequence === undefined ? undefined : String(settlement.sequence),
  };
}

/** The transaction by which the conversion is known: the first that was named, or a generated one. */
export function transactionOf(steps: readonly Pick<Step, 'transaction_id' | 'log_id'>[]): string | undefined {
  const [first] = steps;
  return steps.find(({ transaction_id }) => transaction_id !== undefined)?.transaction_id ?? (first && `GEN-${first.log_id}`);
}

/** Fields that come from the offer as it is now. */
export function offerFields(offer: Offer | undefined): Pick<DeliveryFields, 'offer_name' | 'campaign_id'> {
  return { offer_name: offer?.name, campaign_id: offer?.campaign_id };
}
