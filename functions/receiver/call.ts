import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { gatherParameters } from '../domain/postback/gather-parameters.ts';
import { decodePathSegment } from '../domain/postback/percent-decoding.ts';
import type { InboundRequest } from '../domain/postback/postback.ts';
import { bodyBytes, callerAddress, headersOf, originOf } from '../runtime/http.ts';
import { inflate } from '../runtime/inflate.ts';
import type { Call } from './receive-postback.ts';

const olderPath = /^\/+api\/+analytics\/+postback\/*$/;

/**
 * Reads an event of the gateway; returns `undefined` when its path is not one for postbacks. Doubled and trailing slashes change nothing
 * (contract section 1).
 *
 * @param isTrusted whether an IP address is a proxy of ours, whose word for the caller's IP address counts.
 */
export function readCall(event: APIGatewayProxyEventV2, isTrusted: (address: string) => boolean): Call | undefined {
  // An event is JSON, which can contain half a surrogate pair; no store accepts one.
  const path = event.rawPath.toWellFormed();
  const rawQuery = event.rawQueryString.toWellFormed();
  const older = olderPath.test(path);
  const [place, pathKey = '', eventSegment, ...more] = path.split('/').filter((segment) => segment !== '');
  if (!older && (place !== 'postback' || pathKey === '' || more.length > 0)) return undefined;
  const headers = Object.fromEntries(Object.entries(headersOf(event)).map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]));
  const { method } = event.requestContext.http;
  const request: InboundRequest = {
    method: method === 'POST' ? 'POST' : 'GET',
    origin: originOf(event),
    path,
    rawQuery,
    headers,
    body: bodyBytes(event),
    sourceAddress: callerAddress(event, isTrusted),
    ...(older || eventSegment === undefined ? {} : { eventSegment }),
  };
  const key = older ? keyOfOlder(request) : decodePathSegment(pathKey).text;
  return { method, olderAddress: older, key, request: { ...request, key } };
}

/** The key from the header, or from `key=`, which may be in the body like any parameter (contract 1.1, 1.9). */
function keyOfOlder(request: InboundRequest): string {
  const sent = [request.headers['x-postback-key'], new URLSearchParams(request.rawQuery).get('key')].find((key) => key);
  if (typeof sent === 'string') return sent;
  return gatherParameters(request, inflate).parameters.find(({ name, text }) => name === 'key' && text !== '')?.text ?? '';
}
