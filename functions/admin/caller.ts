import * as z from 'zod';
import type { Caller } from './route.ts';

const authorized = z.object({
  authorizer: z.object({ lambda: z.object({ role: z.enum(['admin', 'viewer']), name: z.string(), token_id: z.string().optional() }) }),
});

/** Who calls, as the gateway's authorizer said; `undefined`: nobody. Nothing that the caller sends can put anything there. */
export function readCaller(requestContext: unknown): Caller | undefined {
  const read = authorized.safeParse(requestContext);
  return read.success ? read.data.authorizer.lambda : undefined;
}
