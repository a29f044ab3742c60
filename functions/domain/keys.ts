import type { PartnerId } from './ids.ts';

/** A partner's key as we store it; never the key itself (contract 1.3). */
export interface PostbackKey {
  /** SHA-256 of the key, base64url. */
  readonly key_hash: string;
  readonly key_id: string;
  readonly partner_id: PartnerId;
  /** `production`, `staging`, `backup`, …; a staging key makes every postback a test. */
  readonly label: string;
  /** The first characters, by which people recognise the key. */
  readonly prefix: string;
  readonly status: 'active' | 'revoked';
  /** ISO 8601, the end of a rotated key's grace period; after it the key is dead. */
  readonly expires_at?: string | undefined;
  readonly created_at: string;
  readonly last_used_at?: string | undefined;
}

/** The form of a key: 24 random bytes as base64url (contract 1.3). */
export const keyPattern = /^[A-Za-z0-9_-]{32}$/;

/** @param now epoch milliseconds. */
export function isLive(key: PostbackKey, now: number): boolean {
  return key.status === 'active' && (key.expires_at === undefined || Date.parse(key.expires_at) > now);
}
