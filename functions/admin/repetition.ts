import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import type { Begun } from '../adapters/dynamo/repetitions.ts';
import { type Answer, bodyBytes, headersOf } from '../runtime/http.ts';
import type { LogEvent } from '../runtime/logger.ts';
import { AdminError, type Caller } from './route.ts';

/** An answer that is kept for a repetition of its request. */
export const keptAnswer = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  body: z.string().optional(),
});
type KeptAnswer = z.output<typeof keptAnswer>;

/** Remembers requests with an `Idempotency-Key` for a day. */
export interface Repetitions {
  /** @param request digest of the request. */
  begin(id: string, request: string): Promise<Begun<KeptAnswer>>;
  /** Keeps the answer, unless another request has taken over the turn. */
  finish(id: string, turn: number, answer: KeptAnswer): Promise<void>;
  /** Lets a repetition begin at once. */
  release(id: string, turn: number): Promise<void>;
  warn(event: LogEvent, error: unknown): void;
}

const header = 'idempotency-key';
const longestKey = 255;

/**
 * Answers a POST that carries an `Idempotency-Key`: a repetition gets the first answer and changes nothing (contract section 4). A failure
 * on our side is not remembered, so the request can be repeated.
 *
 * @throws AdminError 400 for a malformed key; 409 while the first request is running, and for another request under the same key.
 */
export async function answerOnce(
  repetitions: Repetitions,
  event: APIGatewayProxyEventV2,
  caller: Caller,
  respond: () => Promise<Answer>,
): Promise<Answer> {
  const key = event.requestContext.http.method === 'POST' ? headersOf(event)[header] : undefined;
  if (key === undefined) return respond();
  if (key.trim() === '' || key.length > longestKey)
    throw new AdminError(400, 'invalid_idempotency_key', `Idempotency-Key: must have 1 to ${longestKey} characters`);
  const id = digest([caller.token_id ?? caller.name, caller.role, caller.bound_to ?? '', key]);
  const begun = await repetitions.begin(
    id,
    digest([event.rawPath, event.rawQueryString, headersOf(event)['accept'] ?? '', bodyBytes(event)]),
  );
  switch (begun.kind) {
    case 'answered':
      return begun.answer;
    case 'running':
      throw new AdminError(409, 'idempotency_conflict', 'The first request with this Idempotency-Key is still running. Repeat it later');
    case 'other_request':
      throw new AdminError(
        409,
        'idempotency_key_reused',
        'This Idempotency-Key belongs to a request with another path or body. Use a new key',
      );
    case 'begun':
      return remembered(repetitions, id, begun.turn, await respond());
    default:
      return begun satisfies never;
  }
}

async function remembered(repetitions: Repetitions, id: string, turn: number, answer: Answer): Promise<Answer> {
  const { statusCode = 200, headers = {}, body } = answer;
  const kept = { statusCode, headers, ...(body === undefined ? {} : { body: withoutSecrets(body) }) };
  try {
    await (statusCode >= 500 ? repetitions.release(id, turn) : repetitions.finish(id, turn, kept));
  } catch (error) {
    // The work is done, and the caller must get its answer.
    repetitions.warn('answer_not_kept', error);
  }
  return answer;
}

function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('base64url');
}

/** Fields whose value is shown only once. */
const shownOnce: readonly string[] = ['unique_key', 'secret', 'token'];

/** Removes what is shown only once from an answer that is kept: such a field is left out, and in a URL `{key}` takes its place. */
export function withoutSecrets(body: string): string {
  const answer = parsed(body);
  const secrets = [...secretsIn(answer)];
  if (secrets.length === 0) return body;
  return JSON.stringify(answer, (name, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (shownOnce.includes(name)) return undefined;
    return secrets.reduce((text, secret) => text.replaceAll(secret, '{key}'), value);
  });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function secretsIn(value: unknown): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return new Set();
  return new Set(
    Object.entries(value).flatMap(([name, member]) =>
      typeof member === 'string' ? (shownOnce.includes(name) && member !== '' ? [member] : []) : [...secretsIn(member)],
    ),
  );
}
