import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import type { Begun } from '../adapters/dynamo/repetitions.ts';
import { type Answer, bodyBytes, headersOf } from '../runtime/http.ts';
import type { LogEvent } from '../runtime/logger.ts';
import { AdminError, type Caller } from './route.ts';

/** An answer as it is kept for a repetition of its request. */
export const keptAnswer = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  body: z.string().optional(),
});
type KeptAnswer = z.output<typeof keptAnswer>;

/** Where a request with a key is known, for a day. */
export interface Repetitions {
  /** @param request digest of the request. */
  begin(id: string, request: string): Promise<Begun<KeptAnswer>>;
  /** Keeps the answer, unless the turn is somebody else's by now. */
  finish(id: string, turn: number, answer: KeptAnswer): Promise<void>;
  /** Whoever repeats it may begin at once. */
  release(id: string, turn: number): Promise<void>;
  warn(event: LogEvent, error: unknown): void;
}

const header = 'idempotency-key';
const longestKey = 255;

/**
 * Answers a POST that carries an `Idempotency-Key`: a repetition gets what the first got, and does nothing (contract section 4). What
 * failed on our side is not remembered, and may be repeated.
 *
 * @throws AdminError 400 for a key that is none, 409 beside the first and for another request under the same key.
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
    // It is done, and whoever asked for it must know.
    repetitions.warn('answer_not_kept', error);
  }
  return answer;
}

function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('base64url');
}

/** Fields whose text is shown once. */
const shownOnce: readonly string[] = ['unique_key', 'secret', 'token'];

/** What is shown once is not kept: its fields are left out, and where it stands in a URL its place is named. */
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
