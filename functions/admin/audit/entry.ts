import { decodeTime } from 'ulid';
import type { AuditEntry } from '../../adapters/dynamo/audit.ts';
import type { Caller } from '../route.ts';

/** What was changed: its kind, its id and what the API showed of it before and after. */
export interface Changed {
  readonly kind: string;
  readonly id: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Who calls, for the audit. People choose names freely and may use one twice, so the token's id is added to its name. */
export function whoOf({ name, token_id }: Caller): string {
  return token_id === undefined ? name : `${name} (${token_id})`;
}

/** An audit entry with the current time. `before` and `after` are views as the API shows them, so they contain no secret. */
export function auditEntry({ newId }: { readonly newId: () => string }, caller: Caller, action: string, changed: Changed): AuditEntry {
  const audit_id = newId();
  // Lists are filtered by the time in the id, so `at` shows exactly that time.
  return { audit_id, at: new Date(decodeTime(audit_id)).toISOString(), by: whoOf(caller), action, ...changed };
}
