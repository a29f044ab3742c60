import type { PostbackKey } from '../../domain/keys.ts';
import { isKeyShaped } from '../../domain/redact.ts';
import type { Partner } from '../../domain/settings.ts';
import { auditEntry } from '../audit/entry.ts';
import type { SettingsDependencies } from '../ports.ts';
import type { Caller } from '../route.ts';
import { keyViewOf } from './key.ts';

/** A key that has just been issued: the only time it is known. */
export interface Issued {
  readonly key: PostbackKey;
  readonly text: string;
  readonly url: string;
}

export interface KeyWish {
  readonly partner: Partner;
  readonly label: string;
  readonly graceSeconds: number;
  /** `scheme://host` that was called. */
  readonly origin: string;
  readonly caller: Caller;
}

/** Contract 1.3. */
const keyBytes = 24;
const prefixLength = 6;

/** Issues a key for a partner; the keys with the same label end with it. */
export async function issueKey(
  dependencies: SettingsDependencies,
  { partner, label, graceSeconds, origin, caller }: KeyWish,
): Promise<Issued> {
  const { keys, hash, randomText, newId, now } = dependencies;
  let text = randomText(keyBytes);
  // One in thirty thousand has hardly any letters of one case, and could not be told from an id where it must be hidden.
  while (!isKeyShaped(text)) text = randomText(keyBytes);
  const key: PostbackKey = {
    key_hash: hash(text),
    key_id: `KEY-${newId()}`,
    partner_id: partner.partner_id,
    label,
    prefix: text.slice(0, prefixLength),
    status: 'active',
    created_at: now().toISOString(),
  };
  const after = { ...keyViewOf(key, now().getTime()), partner_id: partner.partner_id, grace_seconds: graceSeconds };
  await keys.issue(key, graceSeconds, auditEntry(dependencies, caller, 'key.issued', { kind: 'key', id: key.key_id, after }));
  return { key, text, url: `${partner.public_base_url ?? origin}/postback/${text}` };
}
