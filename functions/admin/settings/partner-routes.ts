import * as z from 'zod';
import type { AuditEntry } from '../../adapters/dynamo/audit.ts';
import type { Setting } from '../../adapters/dynamo/settings-writer.ts';
import type { Network } from '../../domain/networks/network.ts';
import type { Offer, Partner } from '../../domain/settings.ts';
import { auditEntry } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery } from '../list-query.ts';
import type { SettingsDependencies } from '../ports.ts';
import { AdminError, type Caller, type Route, route } from '../route.ts';
import { active, partnerId } from '../schemas/fields.ts';
import { warnings } from '../schemas/offer.ts';
import { newPartner, type PartnerChange, partnerChange, partnerView } from '../schemas/partner.ts';
import { revokedKey } from './key.ts';
import { checkedNetwork, partnerWarnings } from './network.ts';
import { offerViewOf } from './offer.ts';
import { changedPartner, partnerViewOf, plainPartner } from './partner.ts';

const saved = z.object({ partner: partnerView, warnings });

/** The most secrets that are valid at the same time: the newest and the one before it (contract 1.8). */
const mostSecrets = 2;

/** Upward partners (contract section 4). */
export function partnerRoutes(dependencies: SettingsDependencies): Route[] {
  const { partners, offers, keys } = dependencies;
  return [
    route({
      method: 'POST',
      path: '/partners',
      role: 'admin',
      summary: 'Create a partner',
      description: 'The partner can send postbacks as soon as you have generated a key for it.',
      body: newPartner,
      answers: { 201: saved },
      refusals: { 404: 'A publisher in `forward_to` does not exist', 409: 'A partner with this id already exists, or existed' },
      async handle({ body: { partner_id, ...body }, caller }) {
        const id = partner_id ?? partnerId.parse(`PARTNER-${dependencies.newId()}`);
        const { partner, network } = await checkedChange(dependencies, plainPartner(id, body.partner_name), body);
        const created = await createPartner(dependencies, partner, caller);
        return { status: 201, body: { partner: partnerViewOf(created), warnings: partnerWarnings(partner, network) } };
      },
    }),
    route({
      method: 'GET',
      path: '/partners',
      role: 'viewer',
      summary: 'List partners',
      query: z.strictObject({
        ...pageQuery,
        status: active.optional(),
        preset: z.string().max(50).optional(),
        partner_name: z.string().max(200).optional(),
      }),
      answers: { 200: listOf('partners', partnerView) },
      list: 'partners',
      async handle({ query: { status, preset, partner_name, limit, cursor } }) {
        const { settings, next } = await partners.list({ status, preset, partner_name }, { limit, after: cursor });
        return listAnswer('partners', settings.map(partnerViewOf), next);
      },
    }),
    route({
      method: 'GET',
      path: '/partners/{partner_id}',
      role: 'viewer',
      summary: 'Get a partner',
      answers: { 200: z.object({ partner: partnerView }) },
      async handle({ params }) {
        const found = await partners.get(params['partner_id'] ?? '');
        if (found === undefined) throw partnerNotFound();
        return { status: 200, body: { partner: partnerViewOf(found) } };
      },
    }),
    route({
      method: 'PATCH',
      path: '/partners/{partner_id}',
      role: 'admin',
      summary: 'Change a partner',
      body: partnerChange,
      answers: { 200: saved },
      refusals: { 404: 'The partner or a publisher in `forward_to` does not exist' },
      async handle({ params, body, caller }) {
        const id = params['partner_id'] ?? '';
        let warned: string[] = [];
        const changed = await partners.update(id, async (current) => {
          const { partner: value, network } = await checkedChange(dependencies, current.value, body);
          warned = partnerWarnings(value, network);
          const views = {
            before: partnerViewOf(current),
            after: partnerViewOf({ ...current, value, updated_at: dependencies.now().toISOString() }),
          };
          const audit = auditEntry(dependencies, caller, 'partner.updated', { kind: 'partner', id, ...views });
          return { value, audit, also: secretAudit(dependencies, caller, current.value, value) };
        });
        if (changed === undefined) throw partnerNotFound();
        return { status: 200, body: { partner: partnerViewOf(changed), warnings: warned } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/partners/{partner_id}',
      role: 'admin',
      summary: 'Delete a partner',
      description: 'Also deletes its offers and revokes its keys. Everything that the partner has sent is kept.',
      answers: { 204: z.undefined() },
      async handle({ params, caller }) {
        const id = params['partner_id'] ?? '';
        const found = await partners.get(id);
        if (found === undefined) throw partnerNotFound();
        const at = dependencies.now().getTime();
        await keys.revokeAll(id, (key) => auditEntry(dependencies, caller, 'key.revoked', revokedKey(key, at)));
        for (const offer of await offersOf(offers, id)) {
          const changed = { kind: 'offer', id: offer.value.offer_id, before: offerViewOf(offer) };
          await offers.remove(offer.value.offer_id, auditEntry(dependencies, caller, 'offer.deleted', changed));
        }
        const audit = auditEntry(dependencies, caller, 'partner.deleted', { kind: 'partner', id, before: partnerViewOf(found) });
        if (!(await partners.remove(id, audit))) throw partnerNotFound();
        return { status: 204, body: undefined };
      },
    }),
  ];
}

export function partnerNotFound(): AdminError {
  return new AdminError(404, 'partner_not_found', 'No partner has this partner_id');
}

/** @throws AdminError 409 when the id is taken. */
export async function createPartner(dependencies: SettingsDependencies, partner: Partner, caller: Caller): Promise<Setting<Partner>> {
  const id = partner.partner_id;
  const at = dependencies.now().toISOString();
  const after = partnerViewOf({ value: partner, created_at: at, updated_at: at });
  const audit = auditEntry(dependencies, caller, 'partner.created', { kind: 'partner', id, after });
  const created = await dependencies.partners.create(id, { value: partner, audit });
  if (created === undefined)
    throw new AdminError(409, 'already_exists', `partner_id: a partner ${id} already exists, or existed: ids are not reused`);
  return created;
}

/** A change of secrets gets an audit entry of its own: views never show a secret, and the number of secrets may stay the same. */
function secretAudit(dependencies: SettingsDependencies, caller: Caller, before: Partner, after: Partner): AuditEntry | undefined {
  const [old, now] = [before.signing_secrets, after.signing_secrets];
  if (old.length === now.length && old.every((secret, index) => secret === now[index])) return undefined;
  const action = now.length === 0 ? 'partner.secret_removed' : old.length === 0 ? 'partner.secret_set' : 'partner.secret_replaced';
  const views = { before: { secrets: old.length }, after: { secrets: now.length } };
  return auditEntry(dependencies, caller, action, { kind: 'partner', id: before.partner_id, ...views });
}

interface Checked {
  readonly partner: Partner;
  readonly network: Network | undefined;
}

/** The partner after a change, when that is valid. */
async function checkedChange(dependencies: SettingsDependencies, current: Partner, sent: PartnerChange): Promise<Checked> {
  const changed = changedPartner(current, sent);
  const badRange = sent.allowed_ips?.find((range) => !isAddressRange(dependencies, range));
  if (badRange !== undefined)
    throw new AdminError(400, 'invalid_body', `allowed_ips: ${badRange} is neither an IP address nor a CIDR range`);
  if (changed.mode === 'forward_only' && changed.forward_to.length === 0) {
    throw new AdminError(400, 'invalid_body', 'forward_to: a forward_only partner needs at least one publisher');
  }
  const publishers = await Promise.all((sent.forward_to ?? []).map((id) => dependencies.publishers.get(id)));
  const missing = publishers.indexOf(undefined);
  if (missing >= 0) throw new AdminError(404, 'publisher_not_found', `forward_to: no such publisher: ${sent.forward_to?.[missing]}`);
  const network = await checkedNetwork(dependencies, changed);
  const partner = { ...changed, signing_secrets: await signingSecrets(dependencies, current, sent) };
  if (partner.signing_secrets.length > 0 && network === undefined) {
    throw new AdminError(
      400,
      'invalid_body',
      'signing: without a network, signing must say how: in, algorithm and message; or choose the preset generic_hmac',
    );
  }
  return { partner, network };
}

/** A new secret is valid beside the previous one, so that a partner can switch without losing a postback. */
async function signingSecrets({ vault }: SettingsDependencies, current: Partner, { signing }: PartnerChange): Promise<readonly string[]> {
  if (signing === undefined) return current.signing_secrets;
  if (signing === null) return [];
  if (signing.secret === undefined) return current.signing_secrets;
  const sealed = await vault.seal(signing.secret, current.partner_id);
  return signing.replace ? [sealed] : [sealed, ...current.signing_secrets].slice(0, mostSecrets);
}

/** Whether the text is a range: then it includes its own first address. */
function isAddressRange({ isListed }: SettingsDependencies, range: string): boolean {
  return isListed(range.split('/')[0]?.trim() ?? '', [range]);
}

async function offersOf(offers: SettingsDependencies['offers'], partner: string): Promise<readonly Setting<Offer>[]> {
  const found: Setting<Offer>[] = [];
  for (let after: Parameters<typeof offers.list>[1]['after']; ; ) {
    const { settings, next } = await offers.list({ partner_id: partner }, { limit: 200, after });
    found.push(...settings);
    if (next === undefined) return found;
    after = next;
  }
}
