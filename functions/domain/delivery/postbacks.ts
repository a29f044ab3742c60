import { holds } from '../conditions.ts';
import type { Placement, Publisher, PublisherPostback } from '../settings.ts';
import type { DeliveryFields } from './fields.ts';

/** The publisher's plain postback. The placement's URL wins over the publisher's; `undefined` when there is neither. */
function plainPostback(publisher: Publisher, placement: Placement | undefined): PublisherPostback | undefined {
  const url = placement?.postback_url ?? publisher.postback_url;
  if (url === undefined || url === '') return undefined;
  const method = (placement?.postback_url === undefined ? undefined : placement.postback_method) ?? publisher.postback_method;
  return { url, method, content_type: 'json', status: 'active' };
}

/**
 * The postbacks that one change is sent to (contract section 3): all additional ones whose conditions match, or the plain one if none of
 * them does. If the list is empty, the delivery is `no_url`.
 *
 * @param facts what the publisher is notified of: its own amounts, never the upward one.
 */
export function postbacksFor(publisher: Publisher, placement: Placement | undefined, facts: DeliveryFields): readonly PublisherPostback[] {
  const others = publisher.postbacks.filter((postback) => isTold(postback, facts));
  if (others.length > 0) return others;
  const plain = plainPostback(publisher, placement);
  return plain === undefined ? [] : [plain];
}

/** The postback of a delivery as it is now; `undefined` when it is gone or inactive. */
export function postbackOf(
  publisher: Publisher,
  placement: Placement | undefined,
  postbackId: string | undefined,
): PublisherPostback | undefined {
  if (postbackId === undefined) return plainPostback(publisher, placement);
  return publisher.postbacks.find(({ postback_id, status }) => postback_id === postbackId && status === 'active');
}

function isTold({ status, offer_ids, events, statuses, placement_ids, when }: PublisherPostback, facts: DeliveryFields): boolean {
  return (
    status === 'active' &&
    isAmong(offer_ids, facts.offer_id) &&
    isAmong(events, facts.event) &&
    isAmong(statuses, facts.status) &&
    isAmong(placement_ids, facts.placement_id) &&
    (when === undefined || holds(when, facts))
  );
}

function isAmong(wanted: readonly string[] | undefined, fact: string | undefined): boolean {
  return wanted === undefined || wanted.length === 0 || (fact !== undefined && wanted.includes(fact));
}

/** The name of a postback's endpoint, which has its own health, held deliveries and rate limit. */
export function endpointOf(publisherId: string, postbackId: string | undefined): string {
  return postbackId === undefined ? publisherId : `${publisherId}#${postbackId}`;
}

type Open = (sealed: string, owner: string) => Promise<string>;

/** A postback with its secrets decrypted; it exists only during one attempt. */
export interface OpenPostback extends PublisherPostback {
  readonly opened: true;
}

/** Decrypts the secrets of a postback, which are sealed for its publisher. */
export async function openPostback(postback: PublisherPostback, publisherId: string, open: Open): Promise<OpenPostback> {
  const { headers, basic_auth, sign } = postback;
  return {
    ...postback,
    opened: true,
    headers: await Promise.all(
      (headers ?? []).map(async (header) => (header.secret ? { ...header, value: await open(header.value, publisherId) } : header)),
    ),
    basic_auth: basic_auth && { ...basic_auth, password: await open(basic_auth.password, publisherId) },
    sign: sign && { ...sign, secret: await open(sign.secret, publisherId) },
  };
}
