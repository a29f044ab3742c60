import Big from 'big.js';
import * as z from 'zod';
import type { Setting } from '../../adapters/dynamo/settings-writer.ts';
import type { Placement } from '../../domain/settings.ts';
import { auditEntry } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery } from '../list-query.ts';
import type { SettingsDependencies } from '../ports.ts';
import { AdminError, isForeign, type Route, route } from '../route.ts';
import { chosen, placementId } from '../schemas/fields.ts';
import { warnings } from '../schemas/offer.ts';
import { newPlacement, type PlacementChange, placementChange, placementView } from '../schemas/placement.ts';
import { addressWarnings, checkAddress } from './address.ts';
import { publisherNotFound } from './publisher-routes.ts';

const saved = z.object({ placement: placementView, warnings });
const usualRate = new Big(1);

/** Placements: where a publisher shows offers, each with its exchange rate (contract section 4). */
export function placementRoutes(dependencies: SettingsDependencies): Route[] {
  const { placements, publishers, allowHttp, newId, now } = dependencies;
  return [
    route({
      method: 'POST',
      path: '/placements',
      role: 'admin',
      summary: 'Create a placement',
      body: newPlacement,
      answers: { 201: saved },
      refusals: { 404: 'The publisher does not exist', 409: 'A placement with this id already exists' },
      async handle({ body: { placement_id, publisher_id, ...body }, caller }) {
        const id = placement_id ?? placementId.parse(`PLACEMENT-${newId()}`);
        const value = changed({ placement_id: id, publisher_id, name: body.name, exchange_rate: usualRate }, body, allowHttp);
        if ((await publishers.get(publisher_id)) === undefined) throw publisherNotFound();
        const at = now().toISOString();
        const after = viewOf({ value, created_at: at, updated_at: at });
        const created = await placements.create(id, {
          value,
          audit: auditEntry(dependencies, caller, 'placement.created', { kind: 'placement', id, after }),
        });
        if (created === undefined) throw new AdminError(409, 'already_exists', `placement_id: a placement ${id} already exists`);
        return { status: 201, body: { placement: viewOf(created), warnings: addressWarnings('postback_url', value.postback_url) } };
      },
    }),
    route({
      method: 'GET',
      path: '/placements',
      role: 'viewer',
      bound: { publisher: { own: 'query' } },
      summary: 'List placements',
      query: z.strictObject({ ...pageQuery, publisher_id: z.string().max(64).optional() }),
      answers: { 200: listOf('placements', placementView) },
      list: 'placements',
      async handle({ query: { publisher_id, limit, cursor } }) {
        const { settings, next } = await placements.list({ publisher_id }, { limit, after: cursor });
        return listAnswer('placements', settings.map(viewOf), next);
      },
    }),
    route({
      method: 'GET',
      path: '/placements/{placement_id}',
      role: 'viewer',
      bound: { publisher: { own: 'handler' } },
      summary: 'Get a placement',
      answers: { 200: z.object({ placement: placementView }) },
      async handle({ params, caller }) {
        const found = await placements.get(params['placement_id'] ?? '');
        if (found === undefined || isForeign(caller, 'publisher', found.value.publisher_id)) throw placementNotFound();
        return { status: 200, body: { placement: viewOf(found) } };
      },
    }),
    route({
      method: 'PATCH',
      path: '/placements/{placement_id}',
      role: 'admin',
      summary: 'Change a placement',
      description: 'Conversions that are already settled keep their exchange rate.',
      body: placementChange,
      answers: { 200: saved },
      async handle({ params, body, caller }) {
        const id = params['placement_id'] ?? '';
        const updated = await placements.update(id, async (current) => {
          const value = changed(current.value, body, allowHttp);
          const views = { before: viewOf(current), after: viewOf({ ...current, value, updated_at: now().toISOString() }) };
          return { value, audit: auditEntry(dependencies, caller, 'placement.updated', { kind: 'placement', id, ...views }) };
        });
        if (updated === undefined) throw placementNotFound();
        return { status: 200, body: { placement: viewOf(updated), warnings: addressWarnings('postback_url', updated.value.postback_url) } };
      },
    }),
  ];
}

export function placementNotFound(): AdminError {
  return new AdminError(404, 'placement_not_found', 'No placement has this placement_id');
}

function changed(current: Placement, sent: PlacementChange, allowHttp: boolean): Placement {
  checkAddress('postback_url', sent.postback_url, allowHttp);
  return {
    ...current,
    name: sent.name ?? current.name,
    postback_url: chosen(sent.postback_url, current.postback_url, undefined),
    postback_method: chosen(sent.postback_method, current.postback_method, undefined),
    exchange_rate: chosen(sent.exchange_rate, current.exchange_rate, usualRate),
  };
}

function viewOf({ value, created_at, updated_at }: Setting<Placement>): z.output<typeof placementView> {
  return {
    placement_id: value.placement_id,
    publisher_id: value.publisher_id,
    name: value.name,
    postback_url: value.postback_url ?? null,
    postback_method: value.postback_method ?? null,
    exchange_rate: value.exchange_rate.toFixed(),
    created_at,
    updated_at,
  };
}
