import * as z from 'zod';
import { auditEntry } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery } from '../list-query.ts';
import type { SettingsDependencies } from '../ports.ts';
import { AdminError, type Route, route } from '../route.ts';
import { generateKey, issuedKey, keyView } from '../schemas/key.ts';
import { issueKey } from './issue-key.ts';
import { keyViewOf } from './key.ts';
import { partnerNotFound } from './partner-routes.ts';

/** Keys of partners (contract 1.3). */
export function keyRoutes(dependencies: SettingsDependencies): Route[] {
  const { partners, keys, now } = dependencies;
  return [
    route({
      method: 'POST',
      path: '/postback-receiver/generate-key',
      role: 'admin',
      summary: 'Issues a key for a partner; the same label again rotates it',
      body: generateKey,
      answers: { 201: issuedKey },
      refusals: { 404: 'The partner does not exist' },
      async handle({ body: { partner_id, label, grace_seconds }, origin, caller }) {
        const partner = await partners.get(partner_id);
        if (partner === undefined) throw partnerNotFound();
        const issued = await issueKey(dependencies, { partner: partner.value, label, graceSeconds: grace_seconds, origin, caller });
        return {
          status: 201,
          body: { success: true, unique_key: issued.text, key_id: issued.key.key_id, postback_url: issued.url, label },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/partners/{partner_id}/keys',
      role: 'viewer',
      bound: { partner: { own: 'path' } },
      summary: "A partner's keys, newest first; never the key itself",
      query: z.strictObject(pageQuery),
      answers: { 200: listOf('keys', keyView) },
      list: 'keys',
      async handle({ params, query: { limit, cursor } }) {
        const id = params['partner_id'] ?? '';
        if ((await partners.get(id)) === undefined) throw partnerNotFound();
        const page = await keys.list(id, { limit, after: cursor });
        const at = now().getTime();
        return listAnswer(
          'keys',
          page.keys.map((key) => keyViewOf(key, at)),
          page.next,
        );
      },
    }),
    route({
      method: 'DELETE',
      path: '/partners/{partner_id}/keys/{key_id}',
      role: 'admin',
      summary: 'Revokes a key within a minute; it stays in the list',
      answers: { 204: z.undefined() },
      async handle({ params, caller }) {
        const key = await keys.find(params['partner_id'] ?? '', params['key_id'] ?? '');
        if (key === undefined) throw keyNotFound();
        const at = now().getTime();
        const changed = { kind: 'key', id: key.key_id, before: keyViewOf(key, at), after: keyViewOf({ ...key, status: 'revoked' }, at) };
        if (!(await keys.revoke(key, auditEntry(dependencies, caller, 'key.revoked', changed)))) throw keyNotFound();
        return { status: 204, body: undefined };
      },
    }),
  ];
}

function keyNotFound(): AdminError {
  return new AdminError(404, 'key_not_found', 'This partner has no key with this key_id');
}
