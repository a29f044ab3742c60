import * as z from 'zod';
import { type Delivery, deliveryStatuses } from '../../domain/delivery/delivery.ts';
import { textOrNull, timeText } from './fields.ts';

export const deliveryView = z
  .object({
    delivery_id: z.string().meta({ description: 'Sent as `webhook-id` with every attempt' }),
    publisher_id: z.string(),
    conversion_id: textOrNull.meta({ description: 'Null for forward-only partners' }),
    log_id: z.string().meta({ description: 'The postback that caused it' }),
    status: z.enum(deliveryStatuses),
    created_at: timeText,
    next_attempt_at: textOrNull,
    delivered_at: textOrNull,
    attempts: z
      .array(
        z.object({
          at: timeText,
          url: z.string(),
          code: z.string().meta({ example: 'http_500' }),
          http_status: z.int().nullable(),
          duration_ms: z.int(),
          answer: textOrNull.meta({ description: "The first 2 KB of the answer's body" }),
        }),
      )
      .meta({ description: 'Oldest first' }),
  })
  .meta({ id: 'Delivery' });

export function deliveryOf(delivery: Delivery): z.output<typeof deliveryView> {
  return {
    delivery_id: delivery.delivery_id,
    publisher_id: delivery.publisher_id,
    conversion_id: delivery.conversion_id ?? null,
    log_id: delivery.log_id,
    status: delivery.status,
    created_at: delivery.created_at,
    next_attempt_at: delivery.next_attempt_at ?? null,
    delivered_at: delivery.delivered_at ?? null,
    attempts: delivery.attempts.map(({ http_status, answer, ...attempt }) => ({
      ...attempt,
      http_status: http_status ?? null,
      answer: answer ?? null,
    })),
  };
}
