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

/** Who calls, for the audit: names are given freely and more than once, so a token's id stands with its name. */
export function whoOf({ name, token_id }: Caller): string {
  return token_id === undefined ? name : `${name} (${token_id})`;
}

/** An audit entry of this moment. `before` and `after` are views as the API shows them, so they hold no secret. */
export function auditEntry({ newId }: { readonly newId: () => string }, caller: Caller, action: string, changed: Changed): AuditEntry {
  const audit_id = newId();
  // The list is bounded by the time that is in the id: what is shown is the same instant.
  return { audit_id, at: new Date(decodeTime(audit_id)).toISOString(), by: whoOf(caller), action, ...changed };
}
