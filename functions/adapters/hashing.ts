import { createHash } from 'node:crypto';

/** How keys and tokens are stored: never themselves (contract 1.3, section 4). They are random, so no salt is needed. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** A short digest that tells postbacks apart: 128 bits, so that no two of a table's lifetime are taken for one. */
export function fingerprintOf(identity: string): string {
  return createHash('sha256').update(identity).digest('base64url').slice(0, 22);
}
