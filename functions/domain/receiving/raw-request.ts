import type { RawRequest } from '../log-entry.ts';
import { formParameters } from '../postback/form-parameters.ts';
import type { InboundRequest } from '../postback/postback.ts';
import { hiddenOf, hideIn, hideInBody, hideInPair } from './hide-key.ts';

/** Headers that the log does not keep: they contain credentials or say nothing about the postback. */
const leftOut =
  /^(authorization|cookie|x-postback-key|host|accept.*|connection|content-length|x-amz.*|x-amzn.*|via|forwarded|x-forwarded-.*)$/;

/** The request as the log keeps it: as received, without the key (contract 1.1). */
export function rawRequest(request: InboundRequest, encodeBody: (body: Uint8Array) => string): RawRequest {
  const hidden = hiddenOf(request);
  const headers = Object.entries(request.headers).filter(([name]) => !leftOut.test(name));
  return {
    method: request.method,
    origin: hideIn(request.origin, hidden),
    path: hideIn(request.path.replace(/^(\/+postback\/+)[^/]*/, '$1{key}'), hidden),
    query: request.rawQuery
      .split('&')
      .filter((pair) => /^\/+postback\//.test(request.path) || formParameters(pair, 'query')[0]?.name !== 'key')
      .map((pair) => hideInPair(pair, hidden))
      .join('&'),
    headers: Object.fromEntries(headers.map(([name, value]) => [hideIn(name, hidden), hideIn(value, hidden)])),
    body: request.body.length === 0 ? undefined : encodeBody(hideInBody(request.body, hidden)),
    event: request.eventSegment === undefined ? undefined : hideIn(request.eventSegment, hidden),
    source_address: request.sourceAddress,
  };
}

/** A request from the log, to be processed again. Its key is gone, so a signature over the full URL cannot be checked again. */
export function inboundRequest(raw: RawRequest, decodeBody: (text: string) => Uint8Array): InboundRequest {
  return {
    method: raw.method === 'POST' ? 'POST' : 'GET',
    origin: raw.origin,
    path: raw.path,
    rawQuery: raw.query,
    headers: raw.headers,
    body: raw.body === undefined ? new Uint8Array() : decodeBody(raw.body),
    sourceAddress: raw.source_address,
    ...(raw.event === undefined ? {} : { eventSegment: raw.event }),
  };
}
