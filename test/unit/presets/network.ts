import { createHash, createHmac } from 'node:crypto';
import { nodeCrypto } from '../../../functions/adapters/crypto.ts';
import { gatherParameters } from '../../../functions/domain/postback/gather-parameters.ts';
import { presetOf, signatureRecipeOf } from '../../../functions/domain/presets/presets.ts';
import { verifySignature } from '../../../functions/domain/presets/signature.ts';
import { type Dialect, type RequestParts, readingOf, requestOf } from '../postback/requests.ts';

export const now = Date.parse('2026-11-24T12:00:00Z');

interface Checking {
  readonly secrets?: readonly string[];
  readonly publicBaseUrl?: string;
  readonly now?: number;
}

/** What a postback of the network says, in the few words that matter; or the code it is refused with. */
export async function story(preset: string, parts: RequestParts, event?: string): Promise<Record<string, unknown> | string> {
  const known = presetOf({ preset });
  if (known === undefined) throw new Error(`no preset ${preset}`);
  const dialect: Dialect = { preset: known, ...(event === undefined ? {} : { event }) };
  const reading = await readingOf(requestOf(parts), dialect);
  if (!reading.read) return reading.refusal.code;
  const { clickId, transactionId, status, payout, event: named } = reading.postback;
  return { click: clickId, transaction: transactionId, status, payout: payout?.toFixed(), event: named };
}

/** `valid`, `unchecked`, or the code and message of the refusal. */
export async function verdict(
  preset: string | undefined,
  parts: RequestParts,
  { secrets = ['SECRET'], publicBaseUrl, now: at = now }: Checking = {},
): Promise<string> {
  const request = requestOf(parts);
  const { parameters } = gatherParameters(request);
  const verification = verifySignature(
    { recipe: signatureRecipeOf({ preset }), request, parameters, secrets, publicBaseUrl },
    nodeCrypto,
    at,
  );
  return verification.outcome === 'refused' ? `${verification.refusal.code}: ${verification.refusal.message}` : verification.outcome;
}

/** The recipes' arithmetic once more, straight from the runtime: tests do not trust the code they test. */
export const md5 = (text: string) => createHash('md5').update(text).digest('hex');
export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
export const hmacSha1 = (secret: string, text: string, encoding: 'hex' | 'base64' | 'base64url') =>
  createHmac('sha1', secret).update(text).digest(encoding);
export const hmacSha256 = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex');
