import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { bodyBytes, headersOf, originOf } from '../runtime/http.ts';
import type { Call } from './receive-postback.ts';

const postbackPath = /^\/postback\/([^/]+)(?:\/([^/]+))?\/?$/;

/** Reads an event of the gateway; `undefined`: no postback address. */
export function readCall(event: APIGatewayProxyEventV2): Call | undefined {
  const path = event.rawPath;
  const older = path === '/api/analytics/postback';
  const [matched, pathKey = '', eventSegment] = postbackPath.exec(path) ?? [];
  if (!older && matched === undefined) return undefined;
  const headers = headersOf(event);
  const method = event.requestContext.http.method;
  const key = older ? (headers['x-postback-key'] ?? new URLSearchParams(event.rawQueryString).get('key') ?? '') : pathKey;
  return {
    method,
    olderAddress: older,
    key,
    request: {
      key,
      method: method === 'POST' ? 'POST' : 'GET',
      origin: originOf(event),
      path,
      rawQuery: event.rawQueryString,
      headers,
      body: bodyBytes(event),
      sourceAddress: event.requestContext.http.sourceIp,
      ...(eventSegment === undefined ? {} : { eventSegment }),
    },
  };
}
