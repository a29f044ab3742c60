import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

export type Answer = APIGatewayProxyStructuredResultV2;

/** A JSON answer. Nothing here may be cached: it speaks of money. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { statusCode: status, headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers }, body };
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
