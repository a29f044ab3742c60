import type { Conversion } from '../conversion.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { ReconcileOptions, Records, Watched } from '../reconcile.ts';
import type { Gap } from './gap.ts';

/**
 * Checks that every step that a publisher should be notified of has a delivery, and that each delivery has arrived, is scheduled, or was
 * visibly given up.
 */
export function deliveryGaps({ conversions, deliveries }: Pick<Records, 'conversions' | 'deliveries'>, options: ReconcileOptions): Gap[] {
  const rows = new Map(deliveries.map(({ row }) => [row.delivery_id, row]));
  const byConversion = new Map(conversions.map((row) => [row.conversion_id, row]));
  return [
    ...conversions.flatMap((row) => ofConversion(row, rows, options)),
    ...deliveries.flatMap((delivery) => ofDelivery(delivery, byConversion, options)),
  ];
}

function ofConversion({ settlements }: Conversion, rows: ReadonlyMap<string, Delivery>, { now, graceMs }: ReconcileOptions): Gap[] {
  return settlements.flatMap(({ deliveries, at }) => {
    const overdue = now - Date.parse(at) > graceMs;
    const missing = overdue ? deliveries.filter(({ delivery_id }) => !rows.has(delivery_id)) : [];
    return missing.map(({ delivery_id }): Gap => ({ kind: 'delivery_overdue', about: delivery_id, detail: `not attempted since ${at}` }));
  });
}

function ofDelivery(
  { row, watched }: Watched<Delivery>,
  conversions: ReadonlyMap<string, Conversion>,
  { now, graceMs }: ReconcileOptions,
): Gap[] {
  const gaps: Gap[] = [];
  const { delivery_id: about, conversion_id: of, status, next_attempt_at: next } = row;
  const conversion = of === undefined ? undefined : conversions.get(of);
  if (of !== undefined && !conversion?.settlements.some(({ deliveries }) => deliveries.some(({ delivery_id }) => delivery_id === about))) {
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
