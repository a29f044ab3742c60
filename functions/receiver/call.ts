import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { gatherParameters } from '../domain/postback/gather-parameters.ts';
import type { InboundRequest } from '../domain/postback/postback.ts';
import { bodyBytes, headersOf, originOf } from '../runtime/http.ts';
import type { Call } from './receive-postback.ts';

const postbackPath = /^\/postback\/([^/]+)(?:\/([^/]+))?\/?$/;

/** Reads an event of the gateway; `undefined`: no postback address. */
export function readCall(event: APIGatewayProxyEventV2): Call | undefined {
  // An event is JSON, where half a surrogate pair can stand; no store takes one.
  const path = event.rawPath.toWellFormed();
  const rawQuery = event.rawQueryString.toWellFormed();
  const older = path === '/api/analytics/postback';
  const [matched, pathKey = '', eventSegment] = postbackPath.exec(path) ?? [];
  if (!older && matched === undefined) return undefined;
  const headers = Object.fromEntries(Object.entries(headersOf(event)).map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]));
  const method = event.requestContext.http.method;
  const request: InboundRequest = {
    method: method === 'POST' ? 'POST' : 'GET',
    origin: originOf(event),
    path,
    rawQuery,
    headers,
    body: bodyBytes(event),
    sourceAddress: event.requestContext.http.sourceIp,
    ...(eventSegment === undefined ? {} : { eventSegment }),
  };
  const key = older ? keyOfOlder(request) : pathKey;
  return { method, olderAddress: older, key, request: { ...request, key } };
}

/** In the header or in `key=`, which may be in the body like any parameter (contract 1.1, 1.9). */
function keyOfOlder(request: InboundRequest): string {
  const sent = [request.headers['x-postback-key'], new URLSearchParams(request.rawQuery).get('key')].find((key) => key);
  if (typeof sent === 'string') return sent;
  return gatherParameters(request).parameters.find(({ name, text }) => name === 'key' && text !== '')?.text ?? '';
}
