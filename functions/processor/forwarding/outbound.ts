import * as z from 'zod/mini';
import type { Addressee } from '../../adapters/http/sender.ts';
import type { Conversion } from '../../domain/conversion.ts';
import { conversionFields, offerFields } from '../../domain/delivery/conversion-fields.ts';
import type { Delivery } from '../../domain/delivery/delivery.ts';
import type { AttemptResult } from '../../domain/delivery/outcome.ts';
import { type OpenPostback, openPostback, postbackOf } from '../../domain/delivery/postbacks.ts';
import { buildRequest, type Content, type OutboundRequest } from '../../domain/delivery/request.ts';
import type { Offer, Publisher } from '../../domain/settings.ts';
import type { Pending } from './pending.ts';
import type { ForwardDependencies } from './ports.ts';

/** Makes one attempt. @param onSlow called when the answer takes so long that this counts against the endpoint. */
export type Send = (onSlow: () => void) => Promise<AttemptResult>;

/** A request that is about to be sent. */
export interface Outbound {
  /** Where it goes, as the settings have it: with macros. */
  readonly url: string;
  readonly perSecond?: number | undefined;
  readonly send: Send | 'invalid_request';
}

/** The content of an alert's row; see `alertBody`. */
const alertMessage = z.object({ type: z.string(), text: z.string() });

/** Decides by the current settings what is sent and to whom; returns `undefined` when there is no URL to send it to. */
export async function prepare(dependencies: ForwardDependencies, pending: Pending): Promise<Outbound | undefined> {
  const { settings, openSecret, crypto } = dependencies;
  const { row, known } = pending;
  if (row.alert !== undefined) return prepareAlert(dependencies, row, row.alert);
  const publisher = await settings.publisher(row.publisher_id);
  if (publisher === undefined) return undefined;
  const conversion = known === undefined ? (pending.conversion ?? (await conversionOf(dependencies, row))) : undefined;
  const about = conversion ?? known;
  const [offer, placement] = await Promise.all([
    about && settings.offer(about.offer_id),
    about?.placement_id === undefined ? undefined : settings.placement(about.placement_id),
  ]);
  const postback = postbackOf(publisher, placement, row.postback_id);
  const content = contentOf({ ...pending, conversion }, publisher, offer);
  if (postback === undefined || content === undefined) return undefined;
  const opened = await openPostback(postback, publisher.publisher_id, openSecret);
  return {
    url: postback.url,
    perSecond: postback.rate_per_second,
    send: sending(dependencies, row, { id: publisher.publisher_id, secrets: publisher.secrets }, buildRequest(opened, content, crypto)),
  };
}

async function conversionOf({ outbox }: ForwardDependencies, row: Delivery): Promise<Conversion | undefined> {
  return row.conversion_id === undefined ? undefined : outbox.conversion(row.conversion_id, row.delivery_id);
}

function sending(
  { send }: ForwardDependencies,
  row: Delivery,
  to: Addressee,
  request: OutboundRequest | 'invalid_request',
): Outbound['send'] {
  return request === 'invalid_request' ? request : (onSlow) => send(to, row.delivery_id, request, onSlow);
}

/** The same code delivers alerts as everything else: to the alert's own URL, signed with its own secret, or as an email (contract 3.1). */
async function prepareAlert(dependencies: ForwardDependencies, row: Delivery, json: string): Promise<Outbound | undefined> {
  const { alerts, crypto, sendEmail } = dependencies;
  const alert = await alerts.find(row.publisher_id);
  if (alert === undefined) return undefined;
  const { alert_id: id, url, email: to, secrets } = alert;
  if (to !== undefined) {
    const { type, text } = z.parse(alertMessage, JSON.parse(json));
    return { url: `mailto:${to}`, send: () => sendEmail({ to, subject: `Postback system: ${type}`, text }) };
  }
  if (url === undefined) return undefined;
  const postback: OpenPostback = { opened: true, url, method: 'POST', content_type: 'json', status: 'active' };
  return { url, send: sending(dependencies, row, { id, secrets }, buildRequest(postback, { json }, crypto)) };
}

function contentOf({ row, conversion, known }: Pending, publisher: Publisher, offer: Offer | undefined): Content | undefined {
  const { parameters = [], said = {}, delivery_id: deliveryId } = row;
  if (conversion !== undefined) {
    const fields = conversionFields(conversion, row.step ?? 0, deliveryId, offer);
    return fields && { fields };
  }
  if (known !== undefined) return { fields: { ...known.fields, ...offerFields(offer), delivery_id: deliveryId } };
  return { parameters, said, deliveryId, publisherId: publisher.publisher_id };
}
