import * as z from 'zod';
import type { Offer } from '../../domain/settings.ts';
import { auditEntry } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery } from '../list-query.ts';
import type { SettingsDependencies } from '../ports.ts';
import { AdminError, type Route, route } from '../route.ts';
import { active, offerId } from '../schemas/fields.ts';
import { newOffer, offerChange, offerView, warnings } from '../schemas/offer.ts';
import { changedOffer, offerViewOf, offerWarnings, usualWindowDays } from './offer.ts';
import { partnerNotFound } from './partner-routes.ts';
import { unknownIdWarnings } from './unknown-ids.ts';

const saved = z.object({ offer: offerView, warnings });

/** Offers (contract section 4). */
export function offerRoutes(dependencies: SettingsDependencies): Route[] {
  const { offers, partners, newId, now } = dependencies;
  return [
    route({
      method: 'POST',
      path: '/offers',
      role: 'admin',
      summary: 'Create an offer',
      body: newOffer,
      answers: { 201: saved },
      refusals: { 404: 'The partner does not exist', 409: 'An offer with this id already exists' },
      async handle({ body: { offer_id, partner_id, ...body }, caller }) {
        const id = offer_id ?? offerId.parse(`OFFER-${newId()}`);
        const plain: Offer = {
          offer_id: id,
          partner_id,
          name: body.name,
          target_url: body.target_url,
          conversion_window_days: usualWindowDays,
          goals: [],
          status: 'active',
        };
        const offer = changedOffer(plain, body);
        if ((await partners.get(partner_id)) === undefined) throw partnerNotFound();
        const at = now().toISOString();
        const after = offerViewOf({ value: offer, created_at: at, updated_at: at });
        const created = await offers.create(id, {
          value: offer,
          audit: auditEntry(dependencies, caller, 'offer.created', { kind: 'offer', id, after }),
        });
        if (created === undefined) throw new AdminError(409, 'already_exists', `offer_id: an offer ${id} already exists`);
        return { status: 201, body: { offer: offerViewOf(created), warnings: await warningsOf(dependencies, offer) } };
      },
    }),
    route({
      method: 'GET',
      path: '/offers',
      role: 'viewer',
      summary: 'List offers',
      query: z.strictObject({
        ...pageQuery,
        partner_id: z.string().max(64).optional(),
        campaign_id: z.string().max(200).optional(),
        status: active.optional(),
      }),
      answers: { 200: listOf('offers', offerView) },
      list: 'offers',
      async handle({ query: { partner_id, campaign_id, status, limit, cursor } }) {
        const { settings, next } = await offers.list({ partner_id, campaign_id, status }, { limit, after: cursor });
        return listAnswer('offers', settings.map(offerViewOf), next);
      },
    }),
    route({
      method: 'GET',
      path: '/offers/{offer_id}',
      role: 'viewer',
      summary: 'Get an offer',
      answers: { 200: z.object({ offer: offerView }) },
      async handle({ params }) {
        const found = await offers.get(params['offer_id'] ?? '');
        if (found === undefined) throw offerNotFound();
        return { status: 200, body: { offer: offerViewOf(found) } };
      },
    }),
    route({
      method: 'PATCH',
      path: '/offers/{offer_id}',
      role: 'admin',
      summary: 'Change an offer',
      description: 'Conversions that are already settled keep the terms they were settled on.',
      body: offerChange,
      answers: { 200: saved },
      async handle({ params, body, caller }) {
        const id = params['offer_id'] ?? '';
        const changed = await offers.update(id, async (current) => {
          const value = changedOffer(current.value, body);
          const views = { before: offerViewOf(current), after: offerViewOf({ ...current, value, updated_at: now().toISOString() }) };
          return { value, audit: auditEntry(dependencies, caller, 'offer.updated', { kind: 'offer', id, ...views }) };
        });
        if (changed === undefined) throw offerNotFound();
        return { status: 200, body: { offer: offerViewOf(changed), warnings: await warningsOf(dependencies, changed.value) } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/offers/{offer_id}',
      role: 'admin',
      summary: 'Delete an offer',
      description: 'The offer disappears from lists and takes no more clicks. Earlier clicks can still be paid and charged back.',
      answers: { 204: z.undefined() },
      async handle({ params, caller }) {
        const id = params['offer_id'] ?? '';
        const found = await offers.get(id);
        if (found === undefined) throw offerNotFound();
        const audit = auditEntry(dependencies, caller, 'offer.deleted', { kind: 'offer', id, before: offerViewOf(found) });
        if (!(await offers.remove(id, audit))) throw offerNotFound();
        return { status: 204, body: undefined };
      },
    }),
  ];
}

async function warningsOf(dependencies: SettingsDependencies, offer: Offer): Promise<string[]> {
  const named = (offer.caps ?? []).map(
    ({ publisher_id }, index) => ({ field: `caps.${index}.publisher_id`, kind: 'publisher', id: publisher_id }) as const,
  );
  return [...offerWarnings(offer), ...(await unknownIdWarnings(dependencies, named, 'so the cap bounds nothing yet'))];
}

export function offerNotFound(): AdminError {
  return new AdminError(404, 'offer_not_found', 'No offer has this offer_id');
}
