import type { TokenReader } from '../adapters/dynamo/token-reader.ts';

/** Who calls the admin API; the gateway hands it on to the admin function. */
export interface Caller {
  readonly role: 'admin' | 'viewer';
  /** Name of the token, for the audit. */
  readonly name: string;
  readonly token_id?: string | undefined;
}

export interface AuthorizerDependencies {
  readonly tokens: TokenReader;
  /** Hash of the deployment's own token, the first one there is (contract section 4). */
  readonly firstTokenHash: () => Promise<string | undefined>;
  readonly hash: (token: string) => string;
  /** Checks a token of the deployment's OpenID Connect issuer; absent: there is none. */
  readonly verifyOidc?: ((token: string) => Promise<Caller | undefined>) | undefined;
}

const bearer = /^bearer +(\S{1,4096})$/i;
/** Three parts of base64url: a JSON web token. Our own tokens hold no dots. */
const jsonWebToken = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The caller of a `Bearer` token; `undefined`: nobody we know. Hashes are compared, so no timing tells how much of a token was right. */
export async function authorize(dependencies: AuthorizerDependencies, header: string | undefined): Promise<Caller | undefined> {
  const { tokens, firstTokenHash, hash, verifyOidc } = dependencies;
  const token = bearer.exec(header ?? '')?.[1];
  if (token === undefined) return undefined;
  if (verifyOidc !== undefined && jsonWebToken.test(token)) return verifyOidc(token);
  const hashed = hash(token);
  if (hashed === (await firstTokenHash())) return { role: 'admin', name: 'deployment' };
  const found = await tokens.find(hashed);
  return found === undefined || found.status === 'revoked' ? undefined : { role: found.role, name: found.name, token_id: found.token_id };
}
