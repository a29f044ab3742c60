import * as z from 'zod';
import { alertEvents } from '../../domain/alerting/alert.ts';
import { textOrNull, timeText } from '../records/fields.ts';
import { nameText, partnerId, publisherId } from './fields.ts';

const events = z
  .array(z.enum(alertEvents))
  .min(1)
  .transform((sent) => [...new Set(sent)]);
const url = z.string().trim().min(1).max(2_048).meta({
  description: 'Gets a signed POST: an https URL, such as the incoming webhook of a chat',
  example: 'https://hooks.example.com/services/T/B/X',
});
const scope = {
  partner_id: partnerId.nullish().meta({ description: 'Only what is about this partner; null: all' }),
  publisher_id: publisherId.nullish().meta({ description: 'Only what is about this publisher; null: all' }),
};

export const newAlert = z.strictObject({ name: nameText, url, events, ...scope }).meta({ id: 'NewAlert' });
export const alertChange = z
  .strictObject({ name: nameText.optional(), url: url.optional(), events: events.optional(), ...scope })
  .meta({ id: 'AlertChange' });
export type AlertChange = z.output<typeof alertChange>;

export const alertView = z
  .object({
    alert_id: z.string(),
    name: z.string(),
    url: z.string(),
    events: z.array(z.enum(alertEvents)),
    partner_id: textOrNull,
    publisher_id: textOrNull,
    created_at: timeText,
    updated_at: timeText,
  })
  .meta({ id: 'Alert' });

export const alertWithSecret = z.object({
  alert: alertView,
  secret: z.string().meta({ description: 'The signing secret (`whsec_…`, Standard Webhooks), shown only here', example: 'whsec_…' }),
});
