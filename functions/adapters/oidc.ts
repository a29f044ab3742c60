import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import * as z from 'zod/mini';

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
  readonly token_id?: string | undefined;
}

const roles = z.pipe(
  z.union([z.string(), z.array(z.string())]),
  z.transform((claim) => (typeof claim === 'string' ? [claim] : claim)),
);
const discovery = z.object({ jwks_uri: z.url() });
const fetchTimeoutMs = 3_000;

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
      // Only algorithms that need the issuer's private key: a shared secret has no place in a public key set.
      const options = { issuer, audience, algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] };
      const { payload } = await jwtVerify(token, await issuerKeys(), options);
      const named = roles.safeParse(payload[roleClaim]);
      const role = (['admin', 'viewer'] as const).find((known) => named.data?.includes(known));
      const { sub } = payload;
      return role === undefined ? undefined : { role, name: shownName(payload['email'] ?? sub ?? 'oidc'), token_id: sub && shownName(sub) };
    } catch (error) {
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) throw error;
      return undefined;
    }
  };
}

/** The name for the audit log. It contains no characters that hide or reorder the text around it. */
function shownName(claim: unknown): string {
  return String(claim)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Bidi_C}]/gu, '')
    .slice(0, 200);
}

async function findKeys(issuer: string): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(fetchTimeoutMs),
  });
  if (!response.ok) throw new Error(`the issuer answered ${response.status}`);
  const { jwks_uri } = z.parse(discovery, await response.json());
  return createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: fetchTimeoutMs });
}
