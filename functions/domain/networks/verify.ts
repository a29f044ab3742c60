import type { Parameter } from '../postback/parameter.ts';
import type { InboundRequest, Refusal } from '../postback/postback.ts';
import { carriedIn, namedIn, placeOf } from './carrier.ts';
import { type Composed, compose, messageOf, textOf } from './compose.ts';
import { type Coverage, coverageOf, isTextSpent } from './coverage.ts';
import type { Crypto } from './crypto.ts';
import { digestAlgorithms, type Network, type Signing } from './network.ts';

export interface SignatureCheck {
  /** `undefined`: the partner has no network. */
  readonly network: Network | undefined;
  readonly request: InboundRequest;
  readonly parameters: readonly Parameter[];
  /** In clear. During a rotation there are several, and each is valid. None: there is nothing to check against. */
  readonly secrets: readonly string[];
  /** Replaces the origin in full-URL recipes, with its path prefix if it has one. */
  readonly publicBaseUrl?: string | undefined;
}

export type Verification =
  | {
      readonly outcome: 'valid';
      /** What may decide; absent after a correct shared secret, which vouches for the whole request. */
      readonly coverage?: Coverage | undefined;
      /** The signed text without its secret, if it must not be used for another payment. */
      readonly signedText?: string | undefined;
    }
  /** The network does not sign, or no secret is configured: only the key in the URL protects the postback. */
  | { readonly outcome: 'unchecked' }
  | { readonly outcome: 'refused'; readonly refusal: Refusal };

/**
 * Checks a request's signature or shared secret before anything it says is believed (contract 1.8).
 *
 * @param now epoch milliseconds.
 */
export function verifySignature(check: SignatureCheck, crypto: Crypto, now: number): Verification {
  const { network, secrets } = check;
  if (secrets.length === 0) return { outcome: 'unchecked' };
  if (network?.signing !== undefined) return verifyDigest(check, network, network.signing, crypto, now);
  if (network?.shared_secret !== undefined) return verifyShared(check, network.shared_secret.in, crypto);
  // A secret that no setting says how to use must not let everybody in.
  return network === undefined && check.request.believed !== true
    ? invalid('nothing says how this partner signs')
    : { outcome: 'unchecked' };
}

function verifyDigest(check: SignatureCheck, network: Network, signing: Signing, crypto: Crypto, now: number): Verification {
  const { request, secrets } = check;
  const composed = composeSigned(check, signing);
  const valid: Verification = {
    outcome: 'valid',
    coverage: coverageOf(signing, request.method),
    signedText: 'parts' in composed && isTextSpent(network, signing, request.method) ? textOf(composed) : undefined,
  };
  if (request.believed === true) return valid;
  const [carried, ...more] = carriedIn(signing.in, request, check.parameters);
  if (carried === undefined) return refused('signature_missing', `The request is not signed: ${placeOf(signing.in)} is missing`);
  if (more.length > 0) return invalid(`${placeOf(signing.in)} was sent more than once`);
  if ('fault' in composed) return invalid(composed.fault);
  const received = plainDigest(carried, signing);
  // An empty secret would be one that everybody knows.
  const matches = secrets.filter((secret) => secret !== '' && crypto.equal(sealOf(signing, crypto, secret, composed), received));
  if (matches.length === 0) return refused('signature_invalid', 'The signature does not match');
  if (!isFresh(signing, check, now)) {
    return invalid(`${namedIn(signing.timestamp?.in ?? '')} is more than ${signing.timestamp?.max_age_seconds} seconds from our time`);
  }
  return valid;
}

/** The text that the request should have been signed with. */
export function composeSigned({ request, parameters, publicBaseUrl }: SignatureCheck, signing: Signing): Composed {
  const base = publicBaseUrl === undefined ? request.origin : publicBaseUrl.replace(/\/+$/, '');
  return compose(signing, { request, parameters, base });
}

/** The digest of a text in the network's encoding, without its prefix. */
export function sealOf(
  { algorithm, encoding = 'hex' }: Signing,
  crypto: Crypto,
  secret: string,
  composed: Extract<Composed, { parts: unknown }>,
): string {
  const message = messageOf(composed, secret);
  const digest = digestAlgorithms.find((known) => known === algorithm);
  if (digest !== undefined) return crypto.digest(digest, message, encoding);
  return algorithm.startsWith('hmac-') && isHmac(algorithm) ? crypto.hmac(algorithm, secret, message, encoding) : '';
}

function isHmac(algorithm: Signing['algorithm']): algorithm is Extract<Signing['algorithm'], `hmac-${string}`> {
  return algorithm.startsWith('hmac-');
}

/**
 * The digest that was sent, normalised: hex in any case, with or without the algorithm's usual prefix. A `+` that was not percent-encoded
 * arrived as a space.
 */
function plainDigest(sent: string, { prefix, algorithm, encoding = 'hex' }: Signing): string {
  const own = prefix !== undefined && sent.startsWith(prefix) ? sent.slice(prefix.length) : sent;
  const plain = own.replace(new RegExp(`^(?:hmac[-_])?${algorithm.replace('hmac-', '')}=`, 'i'), '');
  return encoding === 'hex' ? plain.trim().toLowerCase() : plain.replaceAll(' ', '+');
}

/** Whether the time of signing is recent. Both seconds and milliseconds are accepted, since one cannot be mistaken for the other. */
function isFresh({ timestamp }: Signing, { request, parameters }: SignatureCheck, now: number): boolean {
  if (timestamp === undefined) return true;
  const [time] = carriedIn(timestamp.in, request, parameters);
  return [1, 1_000].some((unit) => Math.abs(now - Number(time) * unit) <= timestamp.max_age_seconds * 1_000);
}

function verifyShared({ request, parameters, secrets }: SignatureCheck, place: string, crypto: Crypto): Verification {
  if (request.believed === true) return { outcome: 'valid' };
  const [sent, ...more] = carriedIn(place, request, parameters);
  if (sent === undefined) return refused('signature_missing', `The request does not hold the secret: ${placeOf(place)} is missing`);
  if (more.length > 0) return invalid(`${placeOf(place)} was sent more than once`);
  const good = secrets.filter((secret) => secret !== '' && crypto.equal(secret, sent));
  return good.length === 0 ? refused('signature_invalid', 'The secret does not match') : { outcome: 'valid' };
}

function invalid(reason: string): Verification {
  return refused('signature_invalid', `The signature cannot be accepted: ${reason}`);
}

function refused(code: Refusal['code'], message: string): Verification {
  return { outcome: 'refused', refusal: { code, message } };
}
