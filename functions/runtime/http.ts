import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { inRequest } from './request-id.ts';

export type Answer = APIGatewayProxyStructuredResultV2;

type Headers = Readonly<Record<string, string>>;

/**
 * Headers of every answer except the console's, which has its own (contract 1.9). A browser takes the answer for exactly the type it
 * states, runs nothing in it and shows it in no frame. Nobody may cache it, since it is about money.
 */
const everyAnswer = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
} as const;

/** A JSON answer. */
export function json(status: number, body: unknown, headers: Headers = {}): Answer {
  return text(status, JSON.stringify(body), { 'content-type': 'application/json; charset=utf-8', ...headers });
}

export function text(status: number, body: string, headers: Headers = {}): Answer {
  return { statusCode: status, headers: { ...everyAnswer, 'content-type': 'text/plain; charset=utf-8', ...headers }, body };
}

/** An answer without a body. */
export function empty(status: number, headers: Headers = {}): Answer {
  return { statusCode: status, headers: { ...everyAnswer, ...headers } };
}

/** A redirect to a URL, of which the characters that a header cannot hold are percent-encoded; everything else stays as it is. */
export function redirect(status: 302 | 308, location: string, headers: Headers = {}): Answer {
  return empty(status, { ...headers, location: location.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent) });
}

/**
 * Gives every answer the id of its request, which the gateway's access log and each line of the function's own log have too (contract 4).
 */
export function withRequestId(
  answer: (event: APIGatewayProxyEventV2) => Promise<Answer> | Answer,
): (event: APIGatewayProxyEventV2) => Promise<Answer> {
  return async (event) => {
    const { requestId } = event.requestContext;
    const given = await inRequest(requestId, () => answer(event));
    return { ...given, headers: { ...given.headers, 'x-request-id': requestId } };
  };
}

/** The body's bytes, however the gateway wrapped them. */
export function bodyBytes({ body, isBase64Encoded }: APIGatewayProxyEventV2): Uint8Array {
  return body === undefined ? new Uint8Array() : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
}

/** Headers as one record, names in lower case, as the gateway delivers them. */
export function headersOf({ headers }: APIGatewayProxyEventV2): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), value]])));
}

/**
 * The IP address of the caller. Each proxy appends the address that called it to `X-Forwarded-For`, so the last one that is not ours is the
 * caller (contract 1.8). What the caller claims itself does not count.
 *
 * @param isTrusted whether an IP address is a proxy of ours, whose word for the caller counts.
 */
export function callerAddress(event: APIGatewayProxyEventV2, isTrusted: (address: string) => boolean): string {
  const { sourceIp } = event.requestContext.http;
  if (!isTrusted(sourceIp)) return sourceIp;
  const hops = (headersOf(event)['x-forwarded-for'] ?? '').toWellFormed().split(',');
  return [...hops.map((hop) => hop.trim()), sourceIp].findLast((hop) => hop !== '' && !isTrusted(hop)) ?? sourceIp;
}

/**
 * `scheme://host` as the caller used it. API Gateway accepts only https; a local run states its scheme in the header, which it sets itself.
 */
export function originOf(event: APIGatewayProxyEventV2): string {
  const headers = headersOf(event);
  const scheme = headers['x-forwarded-proto'] === 'http' ? 'http' : 'https';
  return `${scheme}://${headers['host'] ?? event.requestContext.domainName}`;
}
