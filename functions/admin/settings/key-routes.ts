import * as z from 'zod';
import { auditEntry } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery } from '../list-query.ts';
import type { SettingsDependencies } from '../ports.ts';
import { AdminError, type Route, route } from '../route.ts';
import { generateKey, issuedKey, keyView } from '../schemas/key.ts';
import { issueKey } from './issue-key.ts';
import { keyViewOf, revokedKey } from './key.ts';
import { partnerNotFound } from './partner-routes.ts';

/** Keys of partners (contract 1.3). */
export function keyRoutes(dependencies: SettingsDependencies): Route[] {
  const { partners, keys, now } = dependencies;
  return [
    route({
      method: 'POST',
      path: '/postback-receiver/generate-key',
      role: 'admin',
      summary: 'Generate a key for a partner',
      description:
        'The key is shown in this answer only. Generating a key with a label that is in use rotates it: the old key stops working after `grace_seconds`.',
      body: generateKey,
      answers: { 201: issuedKey },
      refusals: { 404: 'The partner does not exist' },
      async handle({ body: { partner_id, label, grace_seconds }, origin, caller }) {
        const partner = await partners.get(partner_id);
        if (partner === undefined) throw partnerNotFound();
        const issued = await issueKey(dependencies, { partner: partner.value, label, graceSeconds: grace_seconds, origin, caller });
        return {
          status: 201,
          body: {
            success: true,
            unique_key: issued.text,
            key_id: issued.key.key_id,
            postback_url: issued.pasted[0],
            postback_urls: issued.pasted,
            label,
          },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/partners/{partner_id}/keys',
      role: 'viewer',
      bound: { partner: { own: 'path' } },
      summary: "List a partner's keys",
      description: 'Shows the prefix of each key, never the key itself.',
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
      summary: 'Revoke a key',
      description: 'The key stops working within a minute and stays in the list.',
      answers: { 204: z.undefined() },
      async handle({ params, caller }) {
        const key = await keys.find(params['partner_id'] ?? '', params['key_id'] ?? '');
        if (key === undefined) throw keyNotFound();
        const audit = auditEntry(dependencies, caller, 'key.revoked', revokedKey(key, now().getTime()));
        if (!(await keys.revoke(key, audit))) throw keyNotFound();
        return { status: 204, body: undefined };
      },
    }),
  ];
}

function keyNotFound(): AdminError {
  return new AdminError(404, 'key_not_found', 'This partner has no key with this key_id');
}
