import type { Delivery } from '../../functions/domain/delivery/delivery.ts';
import type { PublisherId } from '../../functions/domain/ids.ts';

/** A delivery without an attempt. @param at epoch milliseconds: when it was created. */
export function scheduledDelivery(at: number): Delivery {
  return {
    delivery_id: 'd1',
    publisher_id: 'p1' as PublisherId,
    log_id: 'l1',
    status: 'scheduled',
    attempts: [],
    parameters: [['a', '1']],
    created_at: new Date(at).toISOString(),
  };
}
