import type { Placement, PostbackMethod, Publisher } from '../settings.ts';
import type { DeliveryFields } from './fields.ts';
import { fillMacros } from './macros.ts';
import { type Forwarded, forwardOnlyAddress, forwardOnlyBody, forwardOnlyUrl, postBody } from './payload.ts';

/** One outbound request, before it is signed. */
export interface OutboundRequest {
  readonly url: string;
  readonly method: PostbackMethod;
  readonly body?: string | undefined;
}

/** What a delivery says: a step of a conversion, or a forward-only partner's parameters as they came. */
export type Content = { readonly fields: DeliveryFields } | (Forwarded & { readonly deliveryId: string });

/** Where it goes: the placement's address wins over the publisher's; without one there is nothing to send (contract section 3). */
export function buildRequest(publisher: Publisher, placement: Placement | undefined, content: Content): OutboundRequest | 'no_url' {
  const template = placement?.postback_url ?? publisher.postback_url;
  if (template === undefined || template === '') return 'no_url';
  const method = (placement?.postback_url === undefined ? undefined : placement.postback_method) ?? publisher.postback_method;
  if ('fields' in content) {
    const url = fillMacros(template, content.fields);
    return method === 'GET' ? { url, method } : { url, method, body: postBody(content.fields) };
  }
  const { parameters, said } = content;
  const fields = { ...said, delivery_id: content.deliveryId, publisher_id: publisher.publisher_id };
  if (method === 'GET') return { url: forwardOnlyUrl(template, parameters, fields), method };
  return { url: forwardOnlyAddress(template, parameters, fields), method, body: forwardOnlyBody(parameters) };
}
