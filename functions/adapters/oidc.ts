import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import * as z from 'zod/mini';

export interface OidcSettings {
  readonly issuer: string;
  readonly audience: string;
  /** The claim that holds the role, or a list with it. */
  readonly roleClaim: string;
}

/** Who a token of the issuer speaks for. */
export interface OidcCaller {
  readonly role: 'admin' | 'viewer';
  readonly name: string;
}

const roles = z.pipe(
  z.union([z.string(), z.array(z.string())]),
  z.transform((claim) => (typeof claim === 'string' ? [claim] : claim)),
);
const discovery = z.object({ jwks_uri: z.url() });
const fetchTimeoutMs = 3_000;

/**
 * Checks tokens of any OpenID Connect issuer: signature, issuer, audience and time. The issuer's keys are fetched once and again when
 * it rotates them.
 *
 * @returns the caller; `undefined` for a token that does not hold or names no role of ours.
 * @throws when the issuer cannot be reached: that says nothing of the token.
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
      // Only signatures that need the issuer's private key: a shared secret has no place in a public key set.
      const options = { issuer, audience, algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] };
      const { payload } = await jwtVerify(token, await issuerKeys(), options);
      const named = roles.safeParse(payload[roleClaim]);
      const role = (['admin', 'viewer'] as const).find((known) => named.data?.includes(known));
      return role === undefined ? undefined : { role, name: String(payload['email'] ?? payload.sub ?? 'oidc') };
    } catch (error) {
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) throw error;
      return undefined;
    }
  };
}

async function findKeys(issuer: string): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(fetchTimeoutMs),
  });
  if (!response.ok) throw new Error(`the issuer answered ${response.status}`);
  const { jwks_uri } = z.parse(discovery, await response.json());
  return createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: fetchTimeoutMs });
}
