import { createCache } from '../adapters/cache.ts';
import { createDocumentClient } from '../adapters/dynamo/client.ts';
import { createTokenReader } from '../adapters/dynamo/token-reader.ts';
import { hashSecret } from '../adapters/hashing.ts';
import { createOidcVerifier } from '../adapters/oidc.ts';
import { createSecretReader } from '../adapters/secrets.ts';
import { readEnvironment } from '../runtime/env.ts';
import type { AuthorizerDependencies } from './authorize.ts';
import { authorizerEnvironment } from './env.ts';

export function createAuthorizer(environment: NodeJS.ProcessEnv = process.env): AuthorizerDependencies {
  const env = readEnvironment(authorizerEnvironment, environment);
  const readSecret = createSecretReader();
  // Cached, but not for the life of the function: a first token that was replaced must stop working within a minute.
  const firstTokenHash = createCache(env.SETTINGS_CACHE_SECONDS, async (id: string) => hashSecret(await readSecret(id)));
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_ROLE_CLAIM: roleClaim } = env;
  return {
    verifyOidc: issuer !== undefined && audience !== undefined ? createOidcVerifier({ issuer, audience, roleClaim }) : undefined,
    tokens: createTokenReader(createDocumentClient(), env.TOKENS_TABLE),
    hash: hashSecret,
    firstTokenHash: () => firstTokenHash(env.ADMIN_TOKEN_ID),
    now: Date.now,
  };
}
