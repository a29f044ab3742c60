import type { AuditEntry } from '../../adapters/dynamo/audit.ts';
import type { Caller } from '../route.ts';

/** What was changed: its kind, its id and what the API showed of it before and after. */
export interface Changed {
  readonly kind: string;
  readonly id: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** An audit entry of this moment. `before` and `after` are views as the API shows them, so they hold no secret. */
export function auditEntry(
  { newId, now }: { readonly newId: () => string; readonly now: () => Date },
  caller: Caller,
  action: string,
  changed: Changed,
): AuditEntry {
  return { audit_id: newId(), at: now().toISOString(), by: caller.name, action, ...changed };
}
