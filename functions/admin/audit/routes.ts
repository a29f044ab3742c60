import * as z from 'zod';
import type { AuditLog } from '../../adapters/dynamo/audit.ts';
import { listAnswer, listOf, pageQuery, timeQuery } from '../list-query.ts';
import { timeText } from '../records/fields.ts';
import { type Route, route } from '../route.ts';

const view = z
  .object({
    audit_id: z.string(),
    at: timeText,
    by: z.string().meta({ description: 'Name of the token and, in brackets, its id', example: 'Anna (TOKEN-01JH0V8XQ0R2W6T3Y5Z7A9B1C4)' }),
    action: z.string().meta({ example: 'partner.updated' }),
    kind: z.string().meta({ example: 'partner' }),
    id: z.string(),
    before: z.unknown().meta({ description: 'What the API showed before the change; null if there was nothing' }),
    after: z.unknown().meta({ description: 'What the API shows after the change' }),
  })
  .meta({ id: 'AuditEntry' });

const filter = z.string().max(200).optional();

export function auditRoutes({ audit }: { readonly audit: AuditLog }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/audit',
      role: 'viewer',
      summary: 'List changes',
      query: z.strictObject({ ...pageQuery, ...timeQuery, by: filter, action: filter, kind: filter, id: filter }),
      answers: { 200: listOf('entries', view) },
      list: 'entries',
      async handle({ query: { by, action, kind, id, from, to, limit, cursor } }) {
        const { entries, next } = await audit.list({ by, action, kind, id }, { from, to, limit, after: cursor });
        return listAnswer(
          'entries',
          entries.map((entry) => ({ ...entry, before: entry.before ?? null, after: entry.after ?? null })),
          next,
        );
      },
    }),
  ];
}
