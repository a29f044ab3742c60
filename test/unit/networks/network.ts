import { createHash, createHmac } from 'node:crypto';
import { nodeCrypto } from '../../../functions/adapters/crypto.ts';
import { builtInNetworks } from '../../../functions/domain/networks/built-in.ts';
import { verifySignature } from '../../../functions/domain/networks/verify.ts';
import { dialectOf } from '../../../functions/domain/postback/dialect.ts';
import { gatherParameters } from '../../../functions/domain/postback/gather-parameters.ts';
import { interpret } from '../../../functions/domain/postback/interpret.ts';
import { inflate } from '../../../functions/runtime/inflate.ts';
import { type Dialect, type RequestParts, readingOf, requestOf } from '../postback/requests.ts';

export const now = Date.parse('2026-11-24T12:00:00Z');

interface Checking {
  readonly secrets?: readonly string[];
  readonly publicBaseUrl?: string;
  readonly now?: number;
}

/** What a postback of the network says, reduced to what matters, or the code with which it is refused. */
export async function story(preset: string, parts: RequestParts, event?: string): Promise<Record<string, unknown> | string> {
  const known = builtInNetworks.get(preset);
  if (known === undefined) throw new Error(`no preset ${preset}`);
  const dialect: Dialect = { preset: known, ...(event === undefined ? {} : { event }) };
  const reading = await readingOf(requestOf(parts), dialect);
  if (!reading.read) return reading.refusal.code;
  const { clickId, transactionId, status, payout, event: named } = reading.postback;
  return { click: clickId, transaction: transactionId, status, payout: payout?.toFixed(), event: named };
}

/**
 * `valid`, `unchecked`, `unsigned` with the values that decide although no signature covers them, or the code and message of the refusal.
 */
export async function verdict(
  preset: string | undefined,
  parts: RequestParts,
  { secrets = ['SECRET'], publicBaseUrl, now: at = now }: Checking = {},
): Promise<string> {
  const network = builtInNetworks.get(preset ?? '');
  const request = requestOf(parts);
  const { parameters } = gatherParameters(request, inflate);
  const verification = verifySignature({ network, request, parameters, secrets, publicBaseUrl }, nodeCrypto, at);
  if (verification.outcome === 'refused') return `${verification.refusal.code}: ${verification.refusal.message}`;
  if (verification.outcome === 'unchecked') return 'unchecked';
  const dialect = dialectOf({ parameter_mapping: {}, parameter_defaults: {}, status_mapping: {} }, network);
  const reading = interpret(parameters, dialect, request.path.split('/')[3], verification.coverage);
  return reading.read && reading.unsigned.length > 0 ? `unsigned: ${reading.unsigned.join(', ')}` : 'valid';
}

/** The recipes' arithmetic again, directly from the runtime, because tests do not trust the code that they test. */
export const md5 = (text: string) => createHash('md5').update(text).digest('hex');
export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
export const hmacSha1 = (secret: string, text: string, encoding: 'hex' | 'base64' | 'base64url') =>
  createHmac('sha1', secret).update(text).digest(encoding);
export const hmacSha256 = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex');
