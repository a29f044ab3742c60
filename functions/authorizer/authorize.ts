import type { TokenReader } from '../adapters/dynamo/token-reader.ts';

/** Who calls the admin API; the gateway hands it on to the admin function. */
export interface Caller {
  readonly role: 'admin' | 'viewer';
  /** Name of the token, for the audit. */
  readonly name: string;
}

export interface AuthorizerDependencies {
  readonly tokens: TokenReader;
  /** Hash of the deployment's own token, the first one there is (contract section 4). */
  readonly firstTokenHash: () => Promise<string>;
  readonly hash: (token: string) => string;
}

const bearer = /^bearer +(\S{8,512})$/i;

/** The caller of a `Bearer` token; `undefined`: nobody we know. Hashes are compared, so no timing tells how much of a token was right. */
export async function authorize(
  { tokens, firstTokenHash, hash }: AuthorizerDependencies,
  header: string | undefined,
): Promise<Caller | undefined> {
  const token = bearer.exec(header ?? '')?.[1];
  if (token === undefined) return undefined;
  const hashed = hash(token);
  if (hashed === (await firstTokenHash())) return { role: 'admin', name: 'deployment' };
  const found = await tokens.find(hashed);
  return found === undefined || found.status === 'revoked' ? undefined : { role: found.role, name: found.name };
}
