import type { Addressee } from '../../adapters/http/sender.ts';
import { conversionFields, offerFields } from '../../domain/delivery/conversion-fields.ts';
import type { Delivery } from '../../domain/delivery/delivery.ts';
import { endpointOf, type OpenPostback, openPostback, postbackOf } from '../../domain/delivery/postbacks.ts';
import { buildRequest, type Content, type OutboundRequest } from '../../domain/delivery/request.ts';
import type { Offer, Publisher, PublisherPostback } from '../../domain/settings.ts';
import type { Pending } from './pending.ts';
import type { ForwardDependencies } from './ports.ts';

/** A request and whom it goes to. */
export interface Outbound {
  readonly addressee: Addressee;
  readonly postback: PublisherPostback;
  readonly endpoint: string;
  readonly request: OutboundRequest | 'invalid_request';
}

/** What is sent and to whom, by the settings of this moment. `undefined`: there is nowhere to send it. */
export async function prepare(dependencies: ForwardDependencies, pending: Pending): Promise<Outbound | undefined> {
  const { settings, openSecret, crypto } = dependencies;
  const { row, conversion, known } = pending;
  if (row.alert !== undefined) return prepareAlert(dependencies, row, row.alert);
  const publisher = await settings.publisher(row.publisher_id);
  if (publisher === undefined) return undefined;
  const about = conversion ?? known;
  const [offer, placement] = await Promise.all([
    about && settings.offer(about.offer_id),
    about?.placement_id === undefined ? undefined : settings.placement(about.placement_id),
  ]);
  const postback = postbackOf(publisher, placement, row.postback_id);
  const content = contentOf(pending, publisher, offer);
  if (postback === undefined || content === undefined) return undefined;
  const opened = await openPostback(postback, publisher.publisher_id, openSecret);
  return {
    addressee: { id: publisher.publisher_id, secrets: publisher.secrets },
    postback,
    endpoint: endpointOf(row.publisher_id, row.postback_id),
    request: buildRequest(opened, content, crypto),
  };
}

/** An alert goes to its own address, signed with its own secret, by the same engine as everything else (contract 3.1). */
async function prepareAlert({ alerts, crypto }: ForwardDependencies, row: Delivery, json: string): Promise<Outbound | undefined> {
  const alert = await alerts.find(row.publisher_id);
  if (alert === undefined) return undefined;
  const postback: OpenPostback = { opened: true, url: alert.url, method: 'POST', content_type: 'json', status: 'active' };
  return {
    addressee: { id: alert.alert_id, secrets: alert.secrets },
    postback,
    endpoint: row.publisher_id,
    request: buildRequest(postback, { json }, crypto),
  };
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
