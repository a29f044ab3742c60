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
const email = z.email({ pattern: z.regexes.html5Email }).max(254).meta({
  description:
    'Gets an email through SNS, instead of a call to `url`. SNS first mails a link to confirm, which is valid for two days; until somebody follows it, SNS mails nothing else',
  example: 'ops@example.com',
});
const scope = {
  partner_id: partnerId.nullish().meta({ description: 'Only events of this partner; null: of all' }),
  publisher_id: publisherId.nullish().meta({ description: 'Only events of this publisher; null: of all' }),
};

export const newAlert = z
  .strictObject({ name: nameText, url: url.optional(), email: email.optional(), events, ...scope })
  .refine((sent) => (sent.url === undefined) !== (sent.email === undefined), 'url or email: give one of them')
  .meta({ id: 'NewAlert' });
export const alertChange = z
  .strictObject({ name: nameText.optional(), url: url.optional(), email: email.optional(), events: events.optional(), ...scope })
  .refine((sent) => sent.url === undefined || sent.email === undefined, 'url or email: give one of them')
  .meta({ id: 'AlertChange', description: 'A `url` replaces an `email`, and the other way round' });
export type AlertChange = z.output<typeof alertChange>;

export const alertView = z
  .object({
    alert_id: z.string(),
    name: z.string(),
    url: textOrNull,
    email: textOrNull,
    events: z.array(z.enum(alertEvents)),
    partner_id: textOrNull,
    publisher_id: textOrNull,
    created_at: timeText,
    updated_at: timeText,
  })
  .meta({ id: 'Alert' });

const warnings = z.array(z.string()).meta({ description: 'Why it reaches nobody yet, such as an email that nobody has confirmed' });

export const changedAlert = z.object({ alert: alertView, warnings });
export const alertWithSecret = z.object({
  alert: alertView,
  secret: z.string().meta({
    description: 'The signing secret of calls to a `url` (`whsec_…`, Standard Webhooks), shown only here. Emails are not signed',
    example: 'whsec_…',
  }),
  warnings,
});
