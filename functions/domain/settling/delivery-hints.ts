import { stepsOf } from '../conversion.ts';
import { conversionFields } from '../delivery/conversion-fields.ts';
import type { DeliveryHint, ReadySettlement } from './ports.ts';

/** The hints for the deliveries of a settlement that has been committed: one for each, with what is known about it. */
export function hintsOf({ conversion, settled }: ReadySettlement): DeliveryHint[] {
  const { conversion_id: conversionId, publisher_id: publisher, placement_id, offer_id } = conversion;
  const first = conversion.settlements.length;
  const now = { ...conversion, terms: settled.terms, settlements: [...conversion.settlements, ...settled.settlements] };
  const steps = stepsOf(now);
  return settled.settlements.flatMap(({ deliveries, at, sequence }, index) => {
    const step = first + index;
    const log_id = steps[step]?.log_id;
    return deliveries.map(({ delivery_id: deliveryId, postback_id }): DeliveryHint => {
      const fields = conversionFields(now, step, deliveryId, undefined);
      const known =
        log_id === undefined || fields === undefined
          ? undefined
          : { step, sequence, log_id, at, placement_id, offer_id, postback_id, fields };
      return { deliveryId, conversionId, publisher, postbackId: postback_id, known };
    });
  });
}
