import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { inRequest } from './request-id.ts';

export type Answer = APIGatewayProxyStructuredResultV2;

type Headers = Readonly<Record<string, string>>;

/**
 * On every answer but the console's, which has its own (contract 1.9): a browser takes it for what it says it is, runs nothing of it,
 * and shows it in no frame. Nothing may be cached: it speaks of money.
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

/** Every answer names its request as the gateway's access log and each line of the function's own do (contract 4). */
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

/** `scheme://host` that the caller used. API Gateway speaks https only; a local run says so in the header it sets itself. */
export function originOf(event: APIGatewayProxyEventV2): string {
  const headers = headersOf(event);
  const scheme = headers['x-forwarded-proto'] === 'http' ? 'http' : 'https';
  return `${scheme}://${headers['host'] ?? event.requestContext.domainName}`;
}
