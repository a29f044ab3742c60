import { type Conversion, isSettled, stepsOf } from '../conversion.ts';
import type { DeliveryHint } from '../settling/ports.ts';

/** What is left to do for some conversions, and since when. */
export interface OpenWork {
  /** Ids of conversions that are not settled. */
  readonly settle: readonly string[];
  /** Deliveries without a row, which nobody has attempted. */
  readonly deliver: readonly DeliveryHint[];
  /** ISO 8601: time of the oldest change that is not in the ledger; absent when all are. */
  readonly unsettledSince?: string | undefined;
  /** ISO 8601: when the oldest delivery without a row was decided on. */
  readonly undeliveredSince?: string | undefined;
}

/** The rows of older deliveries may have expired. */
const keptMs = 390 * 86_400_000;

/** Ids of all deliveries that were decided on recently enough to have a row. @param now epoch milliseconds. */
export function announcedDeliveries(conversions: readonly Conversion[], now: number): string[] {
  return conversions.flatMap((conversion) =>
    recent(conversion, now).flatMap(({ deliveries }) => deliveries.map(({ delivery_id }) => delivery_id)),
  );
}

/**
 * Finds what conversions still wait for (design decision 2): a change that is not settled, or a delivery that nobody has attempted. The
 * rows alone show this.
 *
 * @param delivered ids of deliveries that have a row.
 * @param now epoch milliseconds.
 */
export function openWork(conversions: readonly Conversion[], delivered: ReadonlySet<string>, now: number): OpenWork {
  const unsettled = conversions.filter((conversion) => !isSettled(conversion));
  const waiting = conversions.flatMap((conversion) =>
    recent(conversion, now).flatMap(({ at, deliveries }) =>
      deliveries
        .filter(({ delivery_id }) => !delivered.has(delivery_id))
        .map(({ delivery_id, postback_id: postbackId }) => ({
          at,
          hint: {
            deliveryId: delivery_id,
            conversionId: conversion.conversion_id,
            publisher: conversion.publisher_id,
            postbackId,
            swept: true,
          },
        })),
    ),
  );
  return {
    settle: unsettled.map(({ conversion_id }) => conversion_id),
    deliver: waiting.map(({ hint }) => hint),
    unsettledSince: oldest(
      unsettled.flatMap((conversion) =>
        stepsOf(conversion)
          .slice(conversion.settlements.length)
          .map(({ at }) => at),
      ),
    ),
    undeliveredSince: oldest(waiting.map(({ at }) => at)),
  };
}

function recent({ settlements }: Conversion, now: number): Conversion['settlements'] {
  return settlements.filter(({ at }) => now - Date.parse(at) < keptMs);
}

function oldest(times: readonly string[]): string | undefined {
  return times.toSorted()[0];
}
