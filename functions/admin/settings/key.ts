import type * as z from 'zod';
import { isLive, type PostbackKey } from '../../domain/keys.ts';
import type { Changed } from '../audit/entry.ts';
import type { keyView } from '../schemas/key.ts';

/** What the audit log records about a revoked key. @param now epoch milliseconds. */
export function revokedKey(key: PostbackKey, now: number): Changed {
  return { kind: 'key', id: key.key_id, before: keyViewOf(key, now), after: keyViewOf({ ...key, status: 'revoked' }, now) };
}

/** What the API shows of a key: never the key itself, and never its hash (contract 1.3). */
export function keyViewOf(key: PostbackKey, now: number): z.output<typeof keyView> {
  return {
    key_id: key.key_id,
    prefix: key.prefix,
    label: key.label,
    status: key.status === 'revoked' ? 'revoked' : isLive(key, now) ? 'active' : 'expired',
    created_at: key.created_at,
    expires_at: key.expires_at ?? null,
    last_used_at: key.last_used_at ?? null,
  };
}
