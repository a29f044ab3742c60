import type { TokenReader } from '../adapters/dynamo/token-reader.ts';

/** Who calls the admin API; the gateway hands it on to the admin function. */
export interface Caller {
  readonly role: 'admin' | 'viewer' | 'publisher' | 'partner';
  /** Name of the token, for the audit. */
  readonly name: string;
  readonly token_id?: string | undefined;
  /** The one publisher or partner for whom it speaks. */
  readonly bound_to?: string | undefined;
}

export interface AuthorizerDependencies {
  readonly tokens: TokenReader;
  /** Hash of the deployment's own token, the first one there is (contract section 4). */
  readonly firstTokenHash: () => Promise<string | undefined>;
  readonly hash: (token: string) => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Checks a token of the deployment's OpenID Connect issuer; absent: there is none. */
  readonly verifyOidc?: ((token: string) => Promise<Caller | undefined>) | undefined;
}

const bearer = /^bearer +(\S{1,4096})$/i;
/** Three parts of base64url: a JSON web token. Our own tokens hold no dots. */
const jsonWebToken = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The caller of a `Bearer` token; `undefined`: nobody we know. Hashes are compared, so no timing tells how much of a token was right. */
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
