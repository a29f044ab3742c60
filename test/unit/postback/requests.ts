import type { Network } from '../../../functions/domain/networks/network.ts';
import { dialectOf, type PartnerDialect } from '../../../functions/domain/postback/dialect.ts';
import { gatherParameters } from '../../../functions/domain/postback/gather-parameters.ts';
import { interpret } from '../../../functions/domain/postback/interpret.ts';
import type { InboundRequest, Postback, Reading, Refusal } from '../../../functions/domain/postback/postback.ts';
import { inflate } from '../../../functions/runtime/inflate.ts';

/** A request with only the parts that matter to a test. A body makes it a POST. */
export function requestOf({ query = '', body, type, headers = {}, ...more }: RequestParts = {}): InboundRequest {
  return {
    method: body === undefined ? 'GET' : 'POST',
    origin: 'https://postback.example',
    path: '/postback/KEY',
    rawQuery: query,
    headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
    body: typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? new Uint8Array()),
    sourceAddress: '203.0.113.7',
    ...more,
  };
}

export interface RequestParts extends Partial<Omit<InboundRequest, 'body' | 'rawQuery'>> {
  readonly query?: string;
  readonly body?: string | Uint8Array;
  readonly type?: string;
}

export interface Dialect extends Partial<PartnerDialect> {
  readonly preset?: Network;
  readonly event?: string;
}

/** Gathers and interprets, as the receiver does. */
export async function readingOf(request: InboundRequest, { preset, event, ...partner }: Dialect = {}): Promise<Reading> {
  const gathering = gatherParameters(request, inflate);
  if (!gathering.gathered) return { read: false, refusal: gathering.refusal, parameters: {} };
  const dialect = { parameter_mapping: {}, parameter_defaults: {}, status_mapping: {}, ...partner };
  return interpret(gathering.parameters, dialectOf(dialect, preset), event);
}

/** The meaning of a request. Fails the test when the request is refused. */
export async function said(parts: RequestParts, dialect: Dialect = {}): Promise<Postback> {
  const reading = await readingOf(requestOf(parts), dialect);
  if (!reading.read) throw new Error(`refused: ${reading.refusal.code}: ${reading.refusal.message}`);
  return reading.postback;
}

/** The reason why a request is refused. Fails the test when it is not refused. */
export async function refused(parts: RequestParts, dialect: Dialect = {}): Promise<Refusal> {
  const reading = await readingOf(requestOf(parts), dialect);
  if (reading.read) throw new Error('it was read');
  return reading.refusal;
}
