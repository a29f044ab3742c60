import type { PostbackKey } from '../../domain/keys.ts';
import { pasteUrls } from '../../domain/networks/paste.ts';
import { networkOf } from '../../domain/networks/resolve.ts';
import { isKeyShaped } from '../../domain/redact.ts';
import type { Partner } from '../../domain/settings.ts';
import { auditEntry } from '../audit/entry.ts';
import type { SettingsDependencies } from '../ports.ts';
import type { Caller } from '../route.ts';
import { keyViewOf } from './key.ts';
import { networkReader } from './network.ts';

/** A key that has just been issued; its text is known only now. */
export interface Issued {
  readonly key: PostbackKey;
  readonly text: string;
  /** The postback URL without parameters. */
  readonly url: string;
  /** What to paste into the partner's network, with the network's own macros; some networks need two URLs. */
  readonly pasted: readonly [string, ...string[]];
  /** Whether the network adds its parameters to the URL by itself. */
  readonly bare: boolean;
}

export interface KeyWish {
  readonly partner: Partner;
  readonly label: string;
  readonly graceSeconds: number;
  /** `scheme://host` that the caller used. */
  readonly origin: string;
  readonly caller: Caller;
}

/** The random bytes of a key (contract 1.3). */
const keyBytes = 24;
const prefixLength = 6;

/** Issues a key for a partner and ends its other keys with the same label. */
export async function issueKey(
  dependencies: SettingsDependencies,
  { partner, label, graceSeconds, origin, caller }: KeyWish,
): Promise<Issued> {
  const { keys, hash, randomText, newId, now } = dependencies;
  let text = randomText(keyBytes);
  // One key in thirty thousand has hardly any letters of one case. It could not be told from an id where keys must be hidden.
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
  const url = `${partner.public_base_url ?? origin}/postback/${text}`;
  const network = await networkOf(networkReader(dependencies), partner);
  const pasted = pasteUrls(network, url);
  return { key, text, url, pasted, bare: network?.paste !== undefined && pasted[0] === url };
}
