import { createRemoteJWKSet, decodeJwt, errors, jwtVerify } from 'jose';
import * as z from 'zod/mini';
import { unseenLetters } from '../domain/unseen-letters.ts';

export interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
  /** The claim that contains the role, or a list with it. */
  readonly roleClaim: string;
}

/** The caller who holds a token of the issuer. */
export interface OidcCaller {
  readonly role: 'admin' | 'viewer';
  readonly name: string;
  /** The issuer's id for the caller, whatever the name says. */
  readonly token_id: string;
}

const roles = z.pipe(
  z.union([z.string(), z.array(z.string())]),
  z.transform((claim) => (typeof claim === 'string' ? [claim] : claim)),
);
const discovery = z.object({ jwks_uri: z.url() });
const fetchTimeoutMs = 3_000;
/** Only algorithms that need the issuer's private key: a shared secret has no place in a public key set. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
/** Errors about the issuer's keys, which say nothing about the token. The generic one means that they could not be read. */
const keyErrors = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JWK_INVALID'];

/**
 * Checks tokens of any OpenID Connect issuer: signature, issuer, audience and time. The issuer's keys are fetched once, and again when it
 * rotates them.
 *
 * @returns the caller; `undefined` for a token that is not valid, or names no role of ours.
 * @throws when the issuer cannot be reached, which says nothing about the token.
 */
export function createOidcVerifier({ issuer, audience, roleClaim }: OidcSettings): (token: string) => Promise<OidcCaller | undefined> {
  let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;
  const issuerKeys = () => {
    keys ??= findKeys(issuer).catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    return keys;
  };
  return async (token) => {
    try {
      // Nobody makes us ask the issuer with a token that does not even claim to be its own.
      if (decodeJwt(token).iss !== issuer) return undefined;
      // Without an end, a token that leaks would be good for ever; without a subject, the audit could not say whose it is.
      const requiredClaims = ['exp', 'sub'];
      const { payload } = await jwtVerify(token, await issuerKeys(), { issuer, audience, algorithms, requiredClaims });
      const named = roles.safeParse(payload[roleClaim]);
      const role = (['admin', 'viewer'] as const).find((known) => named.data?.includes(known));
      const [id, email] = [payload.sub, payload['email']].map(shownName);
      return role === undefined || !id ? undefined : { role, name: email || id, token_id: id };
    } catch (error) {
      if (!(error instanceof errors.JOSEError) || keyErrors.includes(error.code)) throw error;
      return undefined;
    }
  };
}

const unseen = new RegExp(`[${unseenLetters}]`, 'gu');

/** A claim as the audit log shows it; empty if it is no text. */
function shownName(claim: unknown): string {
  return typeof claim === 'string' ? claim.replace(unseen, '').slice(0, 200).toWellFormed() : '';
}

async function findKeys(issuer: string): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(fetchTimeoutMs),
  });
  if (!response.ok) throw new Error(`the issuer answered ${response.status}`);
  const { jwks_uri } = z.parse(discovery, await response.json());
  return createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: fetchTimeoutMs });
}
