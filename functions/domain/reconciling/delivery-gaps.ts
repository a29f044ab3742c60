import type { Conversion } from '../conversion.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { ReconcileOptions, Records, Watched } from '../reconcile.ts';
import type { Gap } from './gap.ts';

/** Every step that a publisher should hear of has a delivery, which is delivered, waits for its time, or has been given up in the open. */
export function deliveryGaps({ conversions, deliveries }: Pick<Records, 'conversions' | 'deliveries'>, options: ReconcileOptions): Gap[] {
  const rows = new Map(deliveries.map(({ row }) => [row.delivery_id, row]));
  const byConversion = new Map(conversions.map(({ row }) => [row.conversion_id, row]));
  return [
    ...conversions.flatMap(({ row }) => ofConversion(row, rows, options)),
    ...deliveries.flatMap((delivery) => ofDelivery(delivery, byConversion, options)),
  ];
}

function ofConversion(
  { conversion_id, settlements, outbox }: Conversion,
  rows: ReadonlyMap<string, Delivery>,
  { now, graceMs }: ReconcileOptions,
): Gap[] {
  return settlements.flatMap(({ deliveries = [], at }) =>
    deliveries.flatMap(({ delivery_id: id }): Gap[] => {
      if (rows.has(id)) return [];
      if (!outbox.has(id)) return [{ kind: 'delivery_missing', about: conversion_id, detail: id }];
      return now - Date.parse(at) > graceMs ? [{ kind: 'delivery_overdue', about: id, detail: `not attempted since ${at}` }] : [];
    }),
  );
}

function ofDelivery(
  { row, watched }: Watched<Delivery>,
  conversions: ReadonlyMap<string, Conversion>,
  { now, graceMs }: ReconcileOptions,
): Gap[] {
  const gaps: Gap[] = [];
  const { delivery_id: about, conversion_id: of, status, next_attempt_at: next } = row;
  const conversion = of === undefined ? undefined : conversions.get(of);
  if (
    of !== undefined &&
    !conversion?.settlements.some(({ deliveries = [] }) => deliveries.some(({ delivery_id }) => delivery_id === about))
  ) {
    gaps.push({ kind: 'delivery_unexplained', about, detail: of });
  }
  switch (status) {
    case 'scheduled':
    case 'failing':
      if (!watched) gaps.push({ kind: 'unwatched', about, detail: status });
      if (now - Date.parse(next ?? row.created_at) > graceMs)
        gaps.push({ kind: 'delivery_overdue', about, detail: `${status}, due ${next ?? row.created_at}` });
      break;
    case 'held':
      if (!watched) gaps.push({ kind: 'unwatched', about, detail: 'held, and would not be released' });
      break;
    case 'delivered':
    case 'dead':
    case 'no_url':
      break;
    default:
      return status satisfies never;
  }
  return gaps;
}
