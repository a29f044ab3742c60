import type { ServerResponse } from 'node:http';
import * as z from 'zod';

const answerSchema = z.object({
  statusCode: z.int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  cookies: z.array(z.string()).optional(),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().optional(),
});

/** A result that API Gateway would not accept; the caller gets a 500. */
class MalformedAnswerError extends Error {
  override name = 'MalformedAnswerError';
}

/**
 * Sends a function's result as HTTP API does: a result with a status code is the answer, and one without is the body of a 200.
 *
 * @throws MalformedAnswerError before anything is sent.
 */
export function sendAnswer(response: ServerResponse, result: unknown): void {
  const answer = hasStatusCode(result) ? answerSchema.safeParse(result) : undefined;
  if (!answer) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(typeof result === 'string' ? result : JSON.stringify(result));
    return;
  }
  if (!answer.success) throw new MalformedAnswerError(z.prettifyError(answer.error));
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = answer.data;
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  response.statusCode = statusCode;
  try {
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
    if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  } catch (error) {
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    throw new MalformedAnswerError(String(error), { cause: error });
  }
  if (statusCode !== 204 && statusCode !== 304) response.setHeader('content-length', bytes.length);
  response.end(bytes);
}

/** Sends an answer of API Gateway itself. */
export function sendGatewayMessage(response: ServerResponse, statusCode: number, message: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(statusCode, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ message }));
}

function hasStatusCode(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'statusCode' in result;
}
