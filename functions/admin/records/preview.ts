import { type Conversion, type Step, shownStatus, stepsOf } from '../../domain/conversion.ts';
import { conversionFields } from '../../domain/delivery/conversion-fields.ts';
import type { DeliveryCrypto } from '../../domain/delivery/crypto.ts';
import { openPostback, postbacksFor } from '../../domain/delivery/postbacks.ts';
import { buildRequest, type OutboundRequest } from '../../domain/delivery/request.ts';
import { moneyText, pointsText, zero } from '../../domain/money.ts';
import type { SettingsReader } from '../../domain/receiving/ports.ts';
import { termsOf } from '../../domain/revenue-share.ts';
import { settle } from '../../domain/settlement.ts';
import { termsOf as shownTerms } from './conversion-view.ts';

/** What settling a conversion and notifying its publisher would do. */
export interface Preview {
  readonly conversion: {
    readonly conversion_id: string;
    readonly status: string;
    readonly event: string;
    readonly click_id: string;
    readonly offer_id: string;
    readonly publisher_id: string;
    readonly placement_id: string | null;
    readonly user_id: string;
    readonly payout: string | null;
    readonly currency: string;
    readonly downward_payout: string;
    readonly downward_currency: string;
    readonly points: string;
    readonly terms: ReturnType<typeof shownTerms>;
  };
  /** One request for each postback of the publisher that would be sent. */
  readonly requests: readonly OutboundRequest[];
}

/** What the preview reads from. */
export interface PreviewPorts {
  readonly settings: SettingsReader;
  readonly openSecret: (sealed: string, owner: string) => Promise<string>;
  readonly crypto: DeliveryCrypto;
}

/** Takes the place of the id that a delivery would get. */
const deliveryId = 'DRY-RUN';

/**
 * Settles and forwards a conversion without storing or sending anything, with the very functions that do it in earnest (contract sections 2
 * and 3).
 *
 * @param at ISO 8601.
 * @returns `undefined` when it cannot be settled: its offer or publisher is gone, or its terms are a percentage and there is no payout.
 */
export async function preview(
  { settings, openSecret, crypto }: PreviewPorts,
  conversion: Conversion,
  at: string,
): Promise<Preview | undefined> {
  const [offer, publisher, placement] = await Promise.all([
    settings.offer(conversion.offer_id),
    settings.publisher(conversion.publisher_id),
    conversion.placement_id === undefined ? undefined : settings.placement(conversion.placement_id),
  ]);
  if (offer === undefined || publisher === undefined) return undefined;
  const rate = placement?.exchange_rate ?? zero.plus(1);
  const terms = termsOf(offer, publisher, conversion.event, rate, conversion.currency);
  const announce = (step: Step) => (publisher.forward_statuses.includes(shownStatus(step)) ? [{ delivery_id: deliveryId }] : []);
  const settled = settle(conversion, terms, { at, announce });
  if (settled.held) return undefined;
  const after = { ...conversion, terms: settled.terms, settlements: [...conversion.settlements, ...settled.settlements] };
  const last = after.settlements.length - 1;
  const step = stepsOf(after)[last];
  const settlement = after.settlements[last];
  if (step === undefined || settlement === undefined) return undefined;
  const fields = settlement.deliveries.length === 0 ? undefined : conversionFields(after, last, deliveryId, offer);
  const told = fields === undefined ? [] : postbacksFor(publisher, placement, fields);
  const requests = await Promise.all(
    told.map(async (postback) => {
      const opened = await openPostback(postback, publisher.publisher_id, openSecret);
      return buildRequest(opened, { fields: fields ?? {} }, crypto);
    }),
  );
  const { currency } = settled.terms;
  return {
    conversion: {
      conversion_id: conversion.conversion_id,
      status: shownStatus(step),
      event: conversion.event,
      click_id: conversion.click_id,
      offer_id: conversion.offer_id,
      publisher_id: conversion.publisher_id,
      placement_id: conversion.placement_id ?? null,
      user_id: conversion.user_id,
      payout: step.amount === undefined ? null : moneyText(step.amount, conversion.currency),
      currency: conversion.currency,
      downward_payout: moneyText(settlement.payout, currency),
      downward_currency: currency,
      points: pointsText(settlement.points),
      terms: shownTerms(settled.terms),
    },
    requests: requests.filter((request) => request !== 'invalid_request'),
  };
}
