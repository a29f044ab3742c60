import * as z from 'zod';
import { type Delivery, deliveryStatuses } from '../../domain/delivery/delivery.ts';
import { textOrNull, timeText } from './fields.ts';

export const deliveryView = z
  .object({
    delivery_id: z.string().meta({ description: 'Sent as `webhook-id` with every attempt' }),
    publisher_id: z.string(),
    postback_id: textOrNull.meta({ description: "Which of the publisher's postbacks; null: the plain one" }),
    conversion_id: textOrNull.meta({ description: 'Null for forward-only partners' }),
    sequence: z.int().nullable().meta({ description: "Which of the conversion's changes it tells: 1, 2, 3" }),
    log_id: z.string().meta({ description: 'The postback that caused it' }),
    status: z.enum(deliveryStatuses),
    created_at: timeText,
    next_attempt_at: textOrNull,
    delivered_at: textOrNull,
    attempts: z
      .array(
        z.object({
          at: timeText,
          url: textOrNull.meta({ description: 'Of the last attempt; null for earlier ones' }),
          code: z.string().meta({ example: 'http_500' }),
          http_status: z.int().nullable(),
          duration_ms: z.int(),
          answer: textOrNull.meta({ description: "The first 2 KB of the answer's body" }),
        }),
      )
      .meta({ description: 'Oldest first' }),
    sent: z
      .object({ method: z.string(), url: z.string(), headers: z.record(z.string(), z.string()), body: textOrNull })
      .nullable()
      .meta({ description: 'What the last attempt sent, secrets hidden; URL and body up to 2 KB' }),
  })
  .meta({ id: 'Delivery' });

export function deliveryOf(delivery: Delivery): z.output<typeof deliveryView> {
  return {
    delivery_id: delivery.delivery_id,
    publisher_id: delivery.publisher_id,
    postback_id: delivery.postback_id ?? null,
    conversion_id: delivery.conversion_id ?? null,
    sequence: delivery.sequence ?? null,
    log_id: delivery.log_id,
    status: delivery.status,
    created_at: delivery.created_at,
    next_attempt_at: delivery.next_attempt_at ?? null,
    delivered_at: delivery.delivered_at ?? null,
    sent:
      delivery.sent === undefined ? null : { ...delivery.sent, headers: { ...delivery.sent.headers }, body: delivery.sent.body ?? null },
    attempts: delivery.attempts.map(({ http_status, answer, ...attempt }, index) => ({
      ...attempt,
      url: index === delivery.attempts.length - 1 ? (delivery.sent?.url ?? null) : null,
      http_status: http_status ?? null,
      answer: answer ?? null,
    })),
  };
}
