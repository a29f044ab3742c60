import { hash } from 'node:crypto';

/** The form in which keys and tokens are stored instead of themselves (contract 1.3, section 4). They are random, so no salt is needed. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

/** A short digest that distinguishes postbacks: 128 bits, so that no two in a table's lifetime are mistaken for each other. */
export function fingerprintOf(identity: string): string {
  return hash('sha256', identity, 'base64url').slice(0, 22);
}
