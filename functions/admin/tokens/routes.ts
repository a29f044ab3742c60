import * as z from 'zod';
import type { AdminToken } from '../../adapters/dynamo/token-reader.ts';
import { auditEntry } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery } from '../list-query.ts';
import type { SettingsDependencies } from '../ports.ts';
import { timeText } from '../records/fields.ts';
import { AdminError, type Route, route } from '../route.ts';
import { nameText } from '../schemas/fields.ts';

const role = z.enum(['admin', 'viewer']).meta({ description: '`viewer` can read, `admin` can change things' });

const view = z
  .object({
    token_id: z.string(),
    name: z.string().meta({ description: 'Who the token is for; shown in the audit log' }),
    role,
    status: z.enum(['active', 'revoked']),
    created_at: timeText,
  })
  .meta({ id: 'Token' });

const issued = view
  .extend({ token: z.string().meta({ description: 'The token itself, shown only here; we store a hash of it', example: 'pbt_…' }) })
  .meta({ id: 'IssuedToken' });

/** 256 random bits: nothing to guess, so a plain hash keeps it. */
const tokenBytes = 32;

function viewOf({ token_id, name, role: given, status, created_at }: AdminToken): z.output<typeof view> {
  return { token_id, name, role: given, status, created_at };
}

export function tokenRoutes(dependencies: Pick<SettingsDependencies, 'tokens' | 'hash' | 'randomText' | 'newId' | 'now'>): Route[] {
  const { tokens, hash, randomText, newId, now } = dependencies;
  return [
    route({
      method: 'POST',
      path: '/tokens',
      role: 'admin',
      summary: 'Create a token',
      description: 'The token is shown in this answer only.',
      body: z.strictObject({ name: nameText, role }),
      answers: { 201: z.object({ token: issued }) },
      async handle({ body, caller }) {
        const text = `pbt_${randomText(tokenBytes)}`;
        const token: AdminToken = {
          ...body,
          token_hash: hash(text),
          token_id: `TOKEN-${newId()}`,
          status: 'active',
          created_at: now().toISOString(),
        };
        const changed = { kind: 'token', id: token.token_id, after: viewOf(token) };
        await tokens.issue(token, auditEntry(dependencies, caller, 'token.issued', changed));
        return { status: 201, body: { token: { ...viewOf(token), token: text } } };
      },
    }),
    route({
      method: 'GET',
      path: '/tokens',
      role: 'admin',
      summary: 'List tokens',
      description: 'Never shows a token itself.',
      query: z.strictObject(pageQuery),
      answers: { 200: listOf('tokens', view) },
      list: 'tokens',
      async handle({ query: { limit, cursor } }) {
        const page = await tokens.list({ limit, after: cursor });
        return listAnswer('tokens', page.tokens.map(viewOf), page.next);
      },
    }),
    route({
      method: 'DELETE',
      path: '/tokens/{token_id}',
      role: 'admin',
      summary: 'Revoke a token',
      description: 'The token stops working at once and stays in the list.',
      answers: { 204: z.undefined() },
      async handle({ params, caller }) {
        const token = await tokens.find(params['token_id'] ?? '');
        if (token === undefined) throw new AdminError(404, 'token_not_found', 'No token has this token_id');
        const changed = { kind: 'token', id: token.token_id, before: viewOf(token), after: viewOf({ ...token, status: 'revoked' }) };
        await tokens.revoke(token, auditEntry(dependencies, caller, 'token.revoked', changed));
        return { status: 204, body: undefined };
      },
    }),
  ];
}
