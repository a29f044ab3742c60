import type * as z from 'zod';
import { queryParameters } from '../../domain/postback/form-parameters.ts';
import type { Partner } from '../../domain/settings.ts';
import type { SettingsDependencies } from '../ports.ts';
import { type Caller, type Route, route } from '../route.ts';
import { partnerId } from '../schemas/fields.ts';
import { generateQuick, quickAnswer } from '../schemas/key.ts';
import { issueKey } from './issue-key.ts';
import { plainPartner } from './partner.ts';
import { createPartner } from './partner-routes.ts';

type Wish = z.output<typeof generateQuick>;

/** The quickest way from a partner's name to a URL that the partner can paste (contract section 4). */
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
      async handle({ body, origin, caller }) {
        const { partner, isNew } = await partnerFor(dependencies, body, caller);
        // An existing partner may be sending already, so its other keys stay valid.
        const label = isNew ? 'production' : `quick-${dependencies.newId().slice(-8).toLowerCase()}`;
        const issued = await issueKey(dependencies, { partner, label, graceSeconds: 0, origin, caller });
        const [pasted] = issued.pasted;
        // Parameters that the network's template does not carry are added under our names, or under the partner's own names for them.
        const ours = issued.pasted[0] === issued.url && !issued.bare ? [...body.parameters, ...Object.keys(body.parameter_mappings)] : [];
        const added = [...new Set([...ours.map((name) => theirNameOf(partner, name)), ...body.custom_params])];
        const query = added.map((name) => `${encodeURIComponent(name)}={${name}}`).join('&');
        const full = query === '' ? pasted : `${pasted}${pasted.includes('?') ? '&' : '?'}${query}`;
        return {
          status: 200,
          body: {
            success: true,
            unique_key: issued.text,
            key_id: issued.key.key_id,
            base_url: issued.url,
            full_url: full,
            parameters: queryParameters(full).map(({ name }) => name),
            partner_id: partner.partner_id,
            partner_name: partner.partner_name,
          },
        };
      },
    }),
  ];
}

/** The partner's name for one of our parameters, in its requests and in its macros. */
function theirNameOf({ parameter_mapping }: Partner, name: string): string {
  return Object.entries(parameter_mapping).find(([, ours]) => ours === name)?.[0] ?? name;
}

async function partnerFor(
  dependencies: SettingsDependencies,
  wish: Wish,
  caller: Caller,
): Promise<{ readonly partner: Partner; readonly isNew: boolean }> {
  const { partners, newId, now } = dependencies;
  const existing = await findByName(partners, wish.partner_name);
  if (existing !== undefined) return { partner: existing, isNew: false };
  // The request maps {our: their}; the setting that is applied to postbacks maps {their: our}. A name that stays the same needs no mapping.
  const mapping = Object.fromEntries(
    Object.entries(wish.parameter_mappings).flatMap(([ours, theirs]) => (theirs === undefined || theirs === ours ? [] : [[theirs, ours]])),
  );
  const id = partnerId.parse(`PARTNER-${newId()}`);
  const plain = plainPartner(id, wish.partner_name ?? `Partner of ${now().toISOString().slice(0, 16).replace('T', ' ')}`);
  const created = await createPartner(dependencies, { ...plain, parameter_mapping: mapping }, caller);
  return { partner: created.value, isNew: true };
}

async function findByName(partners: SettingsDependencies['partners'], name: string | undefined): Promise<Partner | undefined> {
  if (name === undefined) return undefined;
  for (let after: Parameters<typeof partners.list>[1]['after']; ; ) {
    const { settings, next } = await partners.list({ partner_name: name, status: 'active' }, { limit: 1, after });
    if (settings[0] !== undefined || next === undefined) return settings[0]?.value;
    after = next;
  }
}
