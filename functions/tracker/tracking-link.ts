import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import { isDotSegment, type NewClick } from '../domain/new-click.ts';
import { callerAddress, headersOf } from '../runtime/http.ts';
import { offerId, placementId, publisherId } from '../runtime/ids.ts';

const longest = 256;
const value = z.string().check(
  z.maxLength(longest),
  z.refine((text) => !isDotSegment(text)),
);
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

/**
 * Reads `/track/{offer_id}?placement_id=…|publisher_id=…&user_id=…&sub1=…` (contract 1.9). An id that cannot exist counts as not found.
 *
 * @param isTrusted whether an IP address is a proxy of ours, whose word for the user's IP address and country counts.
 */
export function readTrackingLink(event: APIGatewayProxyEventV2, isTrusted: (address: string) => boolean): NewClick | Fault {
  const query = new URLSearchParams(event.rawQueryString);
  const named = Object.fromEntries([...query].filter(([, text]) => text !== ''));
  const read = z.safeParse(link, { ...named, offer_id: event.pathParameters?.['offer_id'] });
  if (!read.success) {
    const name = String(read.error.issues[0]?.path[0]);
    const id = name === 'offer_id' || name === 'placement_id' || name === 'publisher_id';
    return id
      ? { status: 404, code: `${name.slice(0, -3)}_not_found`, fault: `There is no such active ${name.slice(0, -3)}` }
      : { status: 400, code: `invalid_${name}`, fault: `${name} must be 1 to ${longest} characters, and not . or ..` };
  }
  const { data } = read;
  if (data.placement_id === undefined && data.publisher_id === undefined)
    return { status: 404, code: 'publisher_not_found', fault: 'placement_id or publisher_id is required' };
  const subIds = [1, 2, 3, 4, 5].flatMap((number): [string, string][] => {
    const sub = query.get(`sub${number}`) || query.get(`sub_id${number}`);
    return sub ? [[`sub_id${number}`, cut(sub)]] : [];
  });
  const dots = subIds.find(([, sub]) => isDotSegment(sub))?.[0];
  if (dots !== undefined) return { status: 400, code: `invalid_${dots}`, fault: `${dots} must not be . or ..` };
  return {
    offerId: data.offer_id,
    placementId: data.placement_id,
    publisherId: data.publisher_id,
    userId: data.user_id,
    username: data.username,
    subIds: Object.fromEntries(subIds),
    ip: callerAddress(event, isTrusted),
    // Anybody can write a country into a link or a header. So what a CDN of ours has found wins over the link, and nobody else's header counts.
    country:
      (isTrusted(event.requestContext.http.sourceIp) ? countryOf(headersOf(event)['cloudfront-viewer-country']) : undefined) ??
      data.country,
    deviceId: data.device_id,
  };
}

/** Shortens the text to its limit without splitting a character in two. */
function cut(text: string): string {
  const beginning = text.slice(0, longest);
  return beginning.isWellFormed() ? beginning : beginning.slice(0, -1);
}

function countryOf(header: string | undefined): string | undefined {
  return header !== undefined && /^[A-Z]{2}$/.test(header) ? header : undefined;
}
