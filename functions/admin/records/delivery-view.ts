import * as z from 'zod';
import type { Conversion } from '../../domain/conversion.ts';
import { type Delivery, deliveryStatuses } from '../../domain/delivery/delivery.ts';
import { moneyText, pointsText } from '../../domain/money.ts';
import { amountText, textOrNull, timeText } from './fields.ts';

export const deliveryView = z
  .object({
    delivery_id: z.string().meta({ description: 'Sent as `webhook-id` with every attempt' }),
    publisher_id: z.string(),
    postback_id: textOrNull.meta({ description: "Which of the publisher's postbacks; null: the plain postback URL" }),
    conversion_id: textOrNull.meta({ description: 'Null for forward-only partners' }),
    user_id: textOrNull.meta({
      description: 'The user of the conversion; null where `conversion_id` is null, and in the answer of a bulk resend',
    }),
    offer_id: textOrNull,
    payout: amountText
      .nullable()
      .meta({ description: 'What the publisher earns by the reported change, in `currency`; negative for a loss' }),
    currency: textOrNull,
    points: amountText.nullable().meta({ description: 'The same for the user' }),
    sequence: z.int().nullable().meta({ description: "The number of the conversion's change that it reports: 1, 2, 3" }),
    log_id: z.string().meta({ description: 'The postback that caused it' }),
    status: z.enum(deliveryStatuses),
    created_at: timeText,
    next_attempt_at: textOrNull,
    delivered_at: textOrNull,
    attempts: z
      .array(
        z.object({
          at: timeText,
          url: textOrNull.meta({ description: 'Given for the last attempt; null for earlier ones' }),
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
      .meta({ description: 'What the last attempt sent, with secrets hidden; URL and body up to 2 KB' }),
  })
  .meta({ id: 'Delivery' });

/** @param conversion the conversion that the delivery is about, if it has been read. */
export function deliveryOf(delivery: Delivery, conversion?: Conversion): z.output<typeof deliveryView> {
  const settlement = conversion?.settlements[delivery.step ?? -1];
  const currency = conversion?.terms?.currency ?? conversion?.currency;
  return {
    user_id: conversion?.user_id ?? null,
    offer_id: conversion?.offer_id ?? null,
    payout: settlement === undefined || currency === undefined ? null : moneyText(settlement.payout, currency),
    currency: settlement === undefined ? null : (currency ?? null),
    points: settlement === undefined ? null : pointsText(settlement.points),
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
