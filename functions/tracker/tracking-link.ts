import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import type { NewClick } from '../domain/new-click.ts';
import { headersOf } from '../runtime/http.ts';
import { offerId, placementId, publisherId } from '../runtime/ids.ts';

const value = z.string().check(z.maxLength(256));
const link = z.object({
  offer_id: offerId,
  placement_id: z.optional(placementId),
  publisher_id: z.optional(publisherId),
  user_id: value.check(z.minLength(1)),
  username: z.optional(value),
  country: z.optional(value),
  device_id: z.optional(value),
});

type Fault = { readonly status: 400 | 404; readonly code: string; readonly fault: string };

/** Reads `/track/{offer_id}?placement_id=…|publisher_id=…&user_id=…&sub1=…` (contract 1.9). An id that cannot exist is not found. */
export function readTrackingLink(event: APIGatewayProxyEventV2): NewClick | Fault {
  const query = new URLSearchParams(event.rawQueryString);
  const named = Object.fromEntries([...query].filter(([, text]) => text !== ''));
  const read = z.safeParse(link, { ...named, offer_id: event.pathParameters?.['offer_id'] });
  if (!read.success) {
    const name = String(read.error.issues[0]?.path[0]);
    const id = name === 'offer_id' || name === 'placement_id' || name === 'publisher_id';
    return id
      ? { status: 404, code: `${name.slice(0, -3)}_not_found`, fault: `There is no such active ${name.slice(0, -3)}` }
      : { status: 400, code: `invalid_${name}`, fault: `${name} is required: 1 to 256 characters` };
  }
  const { data } = read;
  if (data.placement_id === undefined && data.publisher_id === undefined)
    return { status: 404, code: 'publisher_not_found', fault: 'placement_id or publisher_id is required' };
  const subIds = [1, 2, 3, 4, 5].flatMap((number) => {
    const sub = query.get(`sub${number}`) ?? query.get(`sub_id${number}`);
    return sub === null || sub === '' ? [] : [[`sub_id${number}`, sub.slice(0, 256)]];
  });
  return {
    offerId: data.offer_id,
    placementId: data.placement_id,
    publisherId: data.publisher_id,
    userId: data.user_id,
    username: data.username,
    subIds: Object.fromEntries(subIds),
    ip: event.requestContext.http.sourceIp,
    // Where a CDN in front of the API says where the user is, that is the better word.
    country: data.country ?? headersOf(event)['cloudfront-viewer-country'],
    deviceId: data.device_id,
  };
}
