import type { TokenReader } from '../adapters/dynamo/token-reader.ts';

/** Who calls the admin API. The gateway passes this on to the admin function. */
export interface Caller {
  readonly role: 'admin' | 'viewer' | 'publisher' | 'partner';
  /** The token's name, for the audit. */
  readonly name: string;
  readonly token_id?: string | undefined;
  /** The publisher or partner to which the caller is limited. */
  readonly bound_to?: string | undefined;
}

export interface AuthorizerDependencies {
  readonly tokens: TokenReader;
  /** Hash of the deployment's own token, which is the first one that exists (contract section 4). */
  readonly firstTokenHash: () => Promise<string | undefined>;
  readonly hash: (token: string) => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Checks a token of the deployment's OpenID Connect issuer; absent: the deployment has none. */
  readonly verifyOidc?: ((token: string) => Promise<Caller | undefined>) | undefined;
}

/** The gateway takes no longer headers. An issuer's tokens may be long: some list every group of the user. */
const bearer = /^bearer +(\S{1,10240})$/i;
/** Three parts of base64url: a JSON web token. Our own tokens contain no dots. */
const jsonWebToken = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * The caller who holds a `Bearer` token; `undefined`: nobody we know. It compares hashes, so that the time it takes does not tell how much
 * of a token was right.
 */
export async function authorize(dependencies: AuthorizerDependencies, header: string | undefined): Promise<Caller | undefined> {
  const { tokens, firstTokenHash, hash, now, verifyOidc } = dependencies;
  const token = bearer.exec(header ?? '')?.[1];
  if (token === undefined) return undefined;
  if (verifyOidc !== undefined && jsonWebToken.test(token)) return verifyOidc(token);
  const hashed = hash(token);
  if (hashed === (await firstTokenHash())) return { role: 'admin', name: 'deployment' };
  const found = await tokens.find(hashed);
  if (found === undefined || found.status === 'revoked') return undefined;
  if (found.expires_at !== undefined && Date.parse(found.expires_at) <= now()) return undefined;
  const { role, name, token_id, bound_to } = found;
  return { role, name, token_id, ...(bound_to === undefined ? {} : { bound_to }) };
}
