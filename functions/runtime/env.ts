import * as z from 'zod/mini';

/** Names the variables that a function needs and lacks, all at once. */
class EnvironmentError extends Error {
  override name = 'EnvironmentError';
}

/**
 * Reads a function's environment through its schema.
 *
 * @throws EnvironmentError naming every missing or malformed variable; values are never part of the message.
 */
export function readEnvironment<S extends z.ZodMiniType>(schema: S, environment: NodeJS.ProcessEnv = process.env): z.output<S> {
  const parsed = z.safeParse(schema, environment);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new EnvironmentError(`bad environment: ${faults.join('; ')}`);
}

/** A whole number given as text, between the bounds. */
export function wholeNumber(least: number, most: number) {
  const cure = `must be a whole number from ${least} to ${most}`;
  return z.pipe(z.coerce.number(cure), z.int(cure).check(z.gte(least, cure), z.lte(most, cure)));
}

/** Variables every function has: the stage's name, and for how long settings may be served from memory (contract 1.3: at most 60 s). */
export const commonEnvironment = {
  STAGE: z.string().check(z.minLength(1)),
  SETTINGS_CACHE_SECONDS: wholeNumber(0, 60),
};

/** A table's name. */
export const table = z.string().check(z.minLength(3));
/** A queue's address. */
export const queueUrl = z.url();
/** The id of a secret in Secrets Manager. */
export const secretId = z.string().check(z.minLength(1));
/**
 * Where deliveries may go: `public` is https to globally routable addresses only (contract section 3);
 * `local` also allows http and loopback, for runs on one machine.
 */
export const outboundPolicy = z.enum(['public', 'local'], 'must be public or local');
