import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { localAccount } from './intrinsics.ts';

/** A request in the form in which API Gateway's HTTP API passes it to a function: payload format 2.0. */
export interface HttpEvent {
  readonly version: '2.0';
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly requestContext: Readonly<Record<string, unknown>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/**
 * A request's target, split as HTTP API does it: the path is decoded and ends at the first `?`, even an encoded one; the query stays as
 * sent.
 */
export interface Target {
  /** Still percent-encoded except for slashes: an encoded slash divides segments as a plain one does. */
  readonly encodedPath: string;
  readonly path: string;
  readonly query: string;
}

/** @returns `undefined` when the path is no valid percent-encoded UTF-8. */
export function parseTarget(url: string): Target | undefined {
  // Of a proxy's absolute form (`GET http://host/path`) only the path and the query count.
  const target = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '');
  const at = target.indexOf('?');
  const encoded = (at < 0 ? target : target.slice(0, at)) || '/';
  const query = at < 0 ? '' : target.slice(at + 1);
  try {
    const [kept = ''] = encoded.split(/%3f/i);
    // The part that was cut off must be valid too.
    decodeURIComponent(encoded);
    return { encodedPath: kept.replaceAll(/%2f/gi, '/'), path: decodeURIComponent(kept), query };
  } catch {
    return undefined;
  }
}

export interface HttpEventParts {
  readonly request: IncomingMessage;
  readonly target: Target;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What the authorizer said about the caller; absent when the route has no authorizer. */
  readonly authorizerContext?: unknown;
}

/** Builds the event with HTTP API's quirks: repeated names are joined by commas, header names are in lower case, the body may be base64. */
export function httpEvent({ request, target, routeKey, pathParameters, body, authorizerContext }: HttpEventParts): HttpEvent {
  const { cookie, ...headers } = joinedHeaders(request);
  const now = new Date();
  const isText = isTextual(headers['content-type']) && isUtf8(body);
  const sourceIp = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const parameters = queryParameters(target.query);
  return {
    version: '2.0',
    routeKey,
    rawPath: target.path,
    rawQueryString: target.query,
    ...(cookie !== undefined && { cookies: cookie.split(/; */) }),
    headers: {
      ...headers,
      'x-forwarded-for': [headers['x-forwarded-for'], sourceIp].filter(Boolean).join(', '),
      'x-forwarded-port': String(request.socket.localPort ?? ''),
      'x-forwarded-proto': 'http',
    },
    ...(parameters && { queryStringParameters: parameters }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    requestContext: {
      accountId: localAccount,
      apiId: 'local',
      domainName: headers['host'] ?? '',
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path: target.path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
      ...(authorizerContext !== undefined && { authorizer: { lambda: authorizerContext } }),
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

function joinedHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headersDistinct).map(([name, values]) => [name, (values ?? []).join(',')]));
}

/** The content types that HTTP API treats as text; forms are not among them. */
function isTextual(contentType = ''): boolean {
  return /^(text\/|application\/(json|javascript|xml)\b)/i.test(contentType.trim());
}

function queryParameters(query: string): Record<string, string> | undefined {
  if (query === '') return undefined;
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const earlier = joined.get(name);
    joined.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return Object.fromEntries(joined);
}
