import * as z from 'zod';
import type { AdminToken } from '../../adapters/dynamo/token-reader.ts';
import { auditEntry } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery } from '../list-query.ts';
import type { SettingsDependencies } from '../ports.ts';
import { textOrNull, timeText } from '../records/fields.ts';
import { AdminError, type Route, route } from '../route.ts';
import { nameText, partnerId, publisherId } from '../schemas/fields.ts';
import { partnerNotFound } from '../settings/partner-routes.ts';
import { publisherNotFound } from '../settings/publisher-routes.ts';

const roles = ['admin', 'viewer', 'publisher', 'partner'] as const;
const role = z.enum(roles).meta({
  description: '`viewer` can read, `admin` can change things; `publisher` and `partner` see only their own things',
});

const view = z
  .object({
    token_id: z.string(),
    name: z.string().meta({ description: 'Who the token is for; shown in the audit log' }),
    role,
    publisher_id: textOrNull.meta({ description: 'The publisher that it is bound to' }),
    partner_id: textOrNull.meta({ description: 'The partner that it is bound to' }),
    status: z.enum(['active', 'revoked', 'expired']),
    created_at: timeText,
    expires_at: textOrNull.meta({ description: 'Null: it does not expire' }),
  })
  .meta({ id: 'Token' });

const me = z.object({
  role,
  name: z.string(),
  publisher_id: textOrNull,
  partner_id: textOrNull,
});

const wanted = z
  .strictObject({
    name: nameText,
    role,
    publisher_id: publisherId.optional().meta({ description: 'For the role `publisher`' }),
    partner_id: partnerId.optional().meta({ description: 'For the role `partner`' }),
    expires_at: z.iso.datetime({ offset: true }).optional().meta({ description: 'Absent: it does not expire' }),
  })
  .superRefine((sent, context) => {
    for (const kind of ['publisher', 'partner'] as const) {
      const name = `${kind}_id` as const;
      if ((sent.role === kind) === (sent[name] !== undefined)) continue;
      context.addIssue({ code: 'custom', path: [name], message: sent.role === kind ? 'is required' : `is for the role ${kind} only` });
    }
  });

const issued = view
  .extend({ token: z.string().meta({ description: 'The token itself, shown only here; we store a hash of it', example: 'pbt_…' }) })
  .meta({ id: 'IssuedToken' });

/** A token has 256 random bits, which nobody can guess, so a plain hash is enough to store it. */
const tokenBytes = 32;

/** @param now epoch milliseconds. */
function viewOf({ token_id, name, role: given, bound_to, status, created_at, expires_at }: AdminToken, now: number): z.output<typeof view> {
  const isOver = expires_at !== undefined && Date.parse(expires_at) <= now;
  return {
    token_id,
    name,
    role: given,
    ...boundOf(given, bound_to),
    status: status === 'active' && isOver ? 'expired' : status,
    created_at,
    expires_at: expires_at ?? null,
  };
}

function boundOf(given: string, id: string | undefined): { publisher_id: string | null; partner_id: string | null } {
  return { publisher_id: given === 'publisher' ? (id ?? null) : null, partner_id: given === 'partner' ? (id ?? null) : null };
}

type Dependencies = Pick<SettingsDependencies, 'tokens' | 'partners' | 'publishers' | 'hash' | 'randomText' | 'newId' | 'now'>;

export function tokenRoutes(dependencies: Dependencies): Route[] {
  const { tokens, hash, randomText, newId, now } = dependencies;
  return [
    route({
      method: 'GET',
      path: '/me',
      role: 'viewer',
      bound: { publisher: { own: 'nobody' }, partner: { own: 'nobody' } },
      summary: 'Get your own role',
      description: 'Says what the token may do, and to which publisher or partner it is bound.',
      answers: { 200: me },
      async handle({ caller }) {
        return { status: 200, body: { role: caller.role, name: caller.name, ...boundOf(caller.role, caller.bound_to) } };
      },
    }),
    route({
      method: 'POST',
      path: '/tokens',
      role: 'admin',
      summary: 'Create a token',
      description: 'The token is shown in this answer only.',
      body: wanted,
      answers: { 201: z.object({ token: issued }) },
      refusals: { 404: 'The publisher or partner does not exist' },
      async handle({ body: { name, role: given, publisher_id, partner_id, expires_at }, caller }) {
        if (publisher_id !== undefined && (await dependencies.publishers.get(publisher_id)) === undefined) throw publisherNotFound();
        if (partner_id !== undefined && (await dependencies.partners.get(partner_id)) === undefined) throw partnerNotFound();
        if (expires_at !== undefined && Date.parse(expires_at) <= now().getTime())
          throw new AdminError(400, 'invalid_body', 'expires_at: must be in the future');
        const text = `pbt_${randomText(tokenBytes)}`;
        const token: AdminToken = {
          name,
          role: given,
          bound_to: publisher_id ?? partner_id,
          expires_at,
          token_hash: hash(text),
          token_id: `TOKEN-${newId()}`,
          status: 'active',
          created_at: now().toISOString(),
        };
        const changed = { kind: 'token', id: token.token_id, after: viewOf(token, now().getTime()) };
        await tokens.issue(token, auditEntry(dependencies, caller, 'token.issued', changed));
        return { status: 201, body: { token: { ...viewOf(token, now().getTime()), token: text } } };
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
        return listAnswer(
          'tokens',
          page.tokens.map((token) => viewOf(token, now().getTime())),
          page.next,
        );
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
        const at = now().getTime();
        const views = { before: viewOf(token, at), after: viewOf({ ...token, status: 'revoked' }, at) };
        const changed = { kind: 'token', id: token.token_id, ...views };
        await tokens.revoke(token, auditEntry(dependencies, caller, 'token.revoked', changed));
        return { status: 204, body: undefined };
      },
    }),
  ];
}
