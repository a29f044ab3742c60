import type * as z from 'zod';
import type { Partner } from '../../domain/settings.ts';
import { auditEntry } from '../audit/entry.ts';
import type { SettingsDependencies } from '../ports.ts';
import { type Caller, type Route, route } from '../route.ts';
import { partnerId } from '../schemas/fields.ts';
import { generateQuick, quickAnswer } from '../schemas/key.ts';
import { issueKey } from './issue-key.ts';
import { partnerViewOf, plainPartner } from './partner.ts';
import { createPartner, partnerNotFound } from './partner-routes.ts';

type Wish = z.output<typeof generateQuick>;

/** The quickest way from a partner's name to an address that it can paste (contract section 4). */
export function quickRoutes(dependencies: SettingsDependencies): Route[] {
  return [
    route({
      method: 'POST',
      path: '/postback-receiver/generate-quick',
      role: 'admin',
      summary: 'Generate a postback URL in one step',
      description:
        'Creates the partner if there is none with this name, generates a key, and answers with a URL that is ready to paste into the dashboard of its network.',
      body: generateQuick,
      answers: { 200: quickAnswer },
      refusals: { 404: 'The partner has been deleted in the meantime' },
      async handle({ body, origin, caller }) {
        const { partner, isNew } = await partnerFor(dependencies, body, caller);
        // A partner that exists may be sending already: its keys stay alive.
        const label = isNew ? 'production' : `quick-${dependencies.newId().slice(-8).toLowerCase()}`;
        const issued = await issueKey(dependencies, { partner, label, graceSeconds: 0, origin, caller });
        const ours = [...body.parameters, ...Object.keys(body.parameter_mappings)];
        const parameters = [...new Set([...ours.map((name) => theirNameOf(body, name)), ...body.custom_params])];
        const query = parameters.map((name) => `${encodeURIComponent(name)}={${name}}`).join('&');
        return {
          status: 200,
          body: {
            success: true,
            unique_key: issued.text,
            key_id: issued.key.key_id,
            base_url: issued.url,
            full_url: query === '' ? issued.url : `${issued.url}?${query}`,
            parameters,
            partner_id: partner.partner_id,
            partner_name: partner.partner_name,
          },
        };
      },
    }),
  ];
}

/** What the partner calls one of our parameters, in its requests and in its macros. */
function theirNameOf({ parameter_mappings }: Wish, name: string): string {
  return Object.entries(parameter_mappings).find(([ours]) => ours === name)?.[1] ?? name;
}

async function partnerFor(
  dependencies: SettingsDependencies,
  wish: Wish,
  caller: Caller,
): Promise<{ readonly partner: Partner; readonly isNew: boolean }> {
  const { partners, newId, now } = dependencies;
  // {our: their} as asked, {their: our} as it is applied to requests; a name that stays the same needs no mapping.
  const mapping = Object.fromEntries(
    Object.entries(wish.parameter_mappings).flatMap(([ours, theirs]) => (theirs === undefined || theirs === ours ? [] : [[theirs, ours]])),
  );
  const existing = await findByName(partners, wish.partner_name);
  if (existing === undefined) {
    const id = partnerId.parse(`PARTNER-${newId()}`);
    const plain = plainPartner(id, wish.partner_name ?? `Partner of ${now().toISOString().slice(0, 16).replace('T', ' ')}`);
    const created = await createPartner(dependencies, { ...plain, parameter_mapping: mapping }, caller);
    return { partner: created.value, isNew: true };
  }
  if (Object.keys(mapping).length === 0) return { partner: existing, isNew: false };
  const id = existing.partner_id;
  const changed = await partners.update(id, async (current) => {
    const value = { ...current.value, parameter_mapping: { ...current.value.parameter_mapping, ...mapping } };
    const views = { before: partnerViewOf(current), after: partnerViewOf({ ...current, value }) };
    return { value, audit: auditEntry(dependencies, caller, 'partner.updated', { kind: 'partner', id, ...views }) };
  });
  if (changed === undefined) throw partnerNotFound();
  return { partner: changed.value, isNew: false };
}

async function findByName(partners: SettingsDependencies['partners'], name: string | undefined): Promise<Partner | undefined> {
  if (name === undefined) return undefined;
  for (let after: Parameters<typeof partners.list>[1]['after']; ; ) {
    const { settings, next } = await partners.list({ partner_name: name, status: 'active' }, { limit: 1, after });
    if (settings[0] !== undefined || next === undefined) return settings[0]?.value;
    after = next;
  }
}
