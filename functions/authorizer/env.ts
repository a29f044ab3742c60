import * as z from 'zod/mini';
import { commonEnvironment, secretId, table } from '../runtime/env.ts';

export const authorizerEnvironment = z.object({ ...commonEnvironment, TOKENS_TABLE: table, ADMIN_TOKEN_ID: secretId });
export type AuthorizerEnvironment = z.input<typeof authorizerEnvironment>;
