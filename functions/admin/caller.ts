import * as z from 'zod';
import type { Caller } from './route.ts';

const unbound = z.object({ role: z.enum(['admin', 'viewer']), name: z.string(), token_id: z.string().optional() });
/** A bound token without the id of its publisher or partner identifies nobody. */
const bound = z.object({
  role: z.enum(['publisher', 'partner']),
  name: z.string(),
  token_id: z.string().optional(),
  bound_to: z.string().min(1),
});
const authorized = z.object({ authorizer: z.object({ lambda: z.union([unbound, bound]) }) });

/** The caller as the gateway's authorizer identified it; `undefined`: nobody. Nothing that the caller sends can change it. */
export function readCaller(requestContext: unknown): Caller | undefined {
  const read = authorized.safeParse(requestContext);
  return read.success ? read.data.authorizer.lambda : undefined;
}
