import { isLast } from '../conversion.ts';
import { conversionFields, sequenceOf } from '../delivery/conversion-fields.ts';
import type { DeliveryHint, ReadySettlement } from './ports.ts';

/** What to tell the forwarding side of a settlement that has been committed: one hint for each delivery, with what is known of it. */
export function hintsOf({ conversion, settled }: ReadySettlement): DeliveryHint[] {
  if (settled === 'held') return [];
  const { conversion_id: conversionId, publisher_id: publisher, placement_id, offer_id } = conversion;
  const fresh = settled.settlements.flatMap(({ deliveries = [] }) => deliveries.map(({ delivery_id }) => delivery_id));
  const now = {
    ...conversion,
    terms: settled.terms,
    settlements: [...conversion.settlements, ...settled.settlements],
    outbox: new Set([...conversion.outbox, ...fresh]),
  };
  const last = isLast(now);
  return settled.settlements.flatMap(({ deliveries = [], at }, index) => {
    const step = conversion.settlements.length + index;
    const log_id = conversion.steps[step]?.log_id;
    const fields = conversionFields(now, step, undefined);
    const known =
      log_id === undefined || fields === undefined
        ? undefined
        : { step, sequence: sequenceOf(conversion, step), log_id, at, last, placement_id, offer_id, fields };
    return deliveries.map(({ delivery_id: deliveryId, postback_id: postbackId }) => ({
      deliveryId,
      conversionId,
      publisher,
      postbackId,
      known,
    }));
  });
}
