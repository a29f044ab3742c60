import * as z from 'zod/mini';
import { commonEnvironment, secretId, table } from '../runtime/env.ts';

export const authorizerEnvironment = z.object({
  ...commonEnvironment,
  TOKENS_TABLE: table,
  ADMIN_TOKEN_ID: secretId,
  /** An OpenID Connect issuer whose tokens are accepted beside our own; absent: only our own are accepted. */
  OIDC_ISSUER: z.optional(z.url()),
  /** The audience for which its tokens must be issued. */
  OIDC_AUDIENCE: z.optional(z.string().check(z.minLength(1))),
  /** The claim that holds the role, `admin` or `viewer`, or a list with one of them. */
  OIDC_ROLE_CLAIM: z._default(z.string().check(z.minLength(1)), 'role'),
});
export type AuthorizerEnvironment = z.input<typeof authorizerEnvironment>;
