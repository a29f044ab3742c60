import * as z from 'zod/mini';

/** An error that names all the variables that a function needs and lacks. */
class EnvironmentError extends Error {
  override name = 'EnvironmentError';
}

/**
 * Reads a function's environment through its schema.
 *
 * @throws EnvironmentError naming every missing or malformed variable. Its message never contains values.
 */
export function readEnvironment<S extends z.ZodMiniType>(schema: S, environment: NodeJS.ProcessEnv = process.env): z.output<S> {
  const parsed = z.safeParse(schema, environment);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new EnvironmentError(`bad environment: ${faults.join('; ')}`);
}

/** A whole number from `least` to `most`, given as text. */
export function wholeNumber(least: number, most: number) {
  const cure = `must be a whole number from ${least} to ${most}`;
  return z.pipe(z.coerce.number(cure), z.int(cure).check(z.gte(least, cure), z.lte(most, cure)));
}

/**
 * Variables that every function has: the stage's name, and the seconds for which settings may be served from memory (contract 1.3: at most
 * 60).
 */
export const commonEnvironment = {
  STAGE: z.string().check(z.minLength(1)),
  SETTINGS_CACHE_SECONDS: wholeNumber(0, 60),
};

/** A table's name. */
export const table = z.string().check(z.minLength(3));
/** A queue's URL. */
export const queueUrl = z.url();
/** The id of a secret in Secrets Manager. */
export const secretId = z.string().check(z.minLength(1));
/**
 * Where deliveries may go: `public` allows only https to globally routable IP addresses (contract section 3);
 * `local` also allows http and loopback, for runs on one machine.
 */
export const outboundPolicy = z.enum(['public', 'local'], 'must be public or local');
