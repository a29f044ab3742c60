import * as z from 'zod';
import type { AuditEntry } from '../../adapters/dynamo/audit.ts';
import type { Setting } from '../../adapters/dynamo/settings-writer.ts';
import type { Publisher } from '../../domain/settings.ts';
import { forwardedStatuses } from '../../domain/status.ts';
import { auditEntry } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery } from '../list-query.ts';
import type { SettingsDependencies } from '../ports.ts';
import { AdminError, type Caller, type Route, route } from '../route.ts';
import { publisherId } from '../schemas/fields.ts';
import { warnings } from '../schemas/offer.ts';
import {
  newPublisher,
  ownPublisherChange,
  ownPublisherView,
  publisherChange,
  publisherView,
  publisherWithSecret,
} from '../schemas/publisher.ts';
import { changedPublisher, publisherSettingsOf, publisherViewOf, publisherWarnings } from './publisher.ts';
import { type PostbackTools, replacedSecrets } from './publisher-postbacks.ts';
import { unknownIdWarnings } from './unknown-ids.ts';

const answer = z.object({ publisher: publisherView });

/** Publishers (contract section 4): they own placements and are notified of conversions. */
export function publisherRoutes(dependencies: SettingsDependencies): Route[] {
  const { publishers, endpoints, vault, newWebhookSecret, newId, now } = dependencies;
  const shown = (setting: Setting<Publisher>): Promise<z.output<typeof publisherView>> =>
    publisherViewOf(setting, endpoints.health, now().getTime());
  return [
    route({
      method: 'POST',
      path: '/publishers',
      role: 'admin',
      summary: 'Create a publisher',
      description: 'The signing secret is shown in this answer only.',
      body: newPublisher,
      answers: { 201: publisherWithSecret },
      refusals: { 409: 'A publisher with this id already exists' },
      async handle({ body: { publisher_id, ...body }, caller }) {
        const id = publisher_id ?? publisherId.parse(`PUBLISHER-${newId()}`);
        const secret = newWebhookSecret();
        const plain: Publisher = {
          publisher_id: id,
          name: body.name,
          postback_method: 'GET',
          postbacks: [],
          forward_statuses: forwardedStatuses,
          payout_overrides: {},
          secrets: [await vault.seal(secret, id)],
        };
        const value = await changedPublisher(plain, body, postbackTools(dependencies, id));
        const at = now().toISOString();
        const after = publisherSettingsOf({ value, created_at: at, updated_at: at });
        const created = await publishers.create(id, {
          value,
          audit: auditEntry(dependencies, caller, 'publisher.created', { kind: 'publisher', id, after }),
        });
        if (created === undefined) throw new AdminError(409, 'already_exists', `publisher_id: a publisher ${id} already exists`);
        const publisher = { ...(await shown(created)), secret };
        return { status: 201, body: { publisher, secret, warnings: await warningsOf(dependencies, value, caller) } };
      },
    }),
    route({
      method: 'GET',
      path: '/publishers',
      role: 'viewer',
      summary: 'List publishers',
      query: z.strictObject(pageQuery),
      answers: { 200: listOf('publishers', publisherView) },
      list: 'publishers',
      async handle({ query: { limit, cursor } }) {
        const { settings, next } = await publishers.list({}, { limit, after: cursor });
        return listAnswer('publishers', await Promise.all(settings.map(shown)), next);
      },
    }),
    route({
      method: 'GET',
      path: '/publishers/{publisher_id}',
      role: 'viewer',
      bound: { publisher: { own: 'path', answers: { 200: z.object({ publisher: ownPublisherView }) } } },
      summary: 'Get a publisher',
      description: 'Includes the health of its endpoint.',
      answers: { 200: answer },
      async handle({ params }) {
        const found = await publishers.get(params['publisher_id'] ?? '');
        if (found === undefined) throw publisherNotFound();
        return { status: 200, body: { publisher: await shown(found) } };
      },
    }),
    route({
      method: 'PATCH',
      path: '/publishers/{publisher_id}',
      role: 'admin',
      bound: {
        publisher: { own: 'path', body: ownPublisherChange, answers: { 200: z.object({ publisher: ownPublisherView, warnings }) } },
      },
      summary: 'Change a publisher',
      body: publisherChange,
      answers: { 200: answer.extend({ warnings }) },
      async handle({ params, body, caller }) {
        const id = params['publisher_id'] ?? '';
        let removed: readonly string[] = [];
        const changed = await publishers.update(id, async (current) => {
          const value = await changedPublisher(current.value, body, postbackTools(dependencies, id));
          removed = goneFrom(current.value, value);
          const views = {
            before: publisherSettingsOf(current),
            after: publisherSettingsOf({ ...current, value, updated_at: now().toISOString() }),
          };
          const audit = auditEntry(dependencies, caller, 'publisher.updated', { kind: 'publisher', id, ...views });
          return { value, audit, also: secretAudit(dependencies, caller, current.value, value) };
        });
        if (changed === undefined) throw publisherNotFound();
        await Promise.all(removed.map((postbackId) => dependencies.retireEndpoint(changed.value.publisher_id, postbackId)));
        return {
          status: 200,
          body: { publisher: await shown(changed), warnings: await warningsOf(dependencies, changed.value, caller) },
        };
      },
    }),
  ];
}

/** A secret of a postback that was replaced gets an audit entry of its own, since views never show secrets. */
function secretAudit(dependencies: SettingsDependencies, caller: Caller, before: Publisher, after: Publisher): AuditEntry | undefined {
  const postbacks = replacedSecrets(before.postbacks, after.postbacks);
  if (postbacks.length === 0) return undefined;
  const changed = { kind: 'publisher', id: before.publisher_id, after: { postbacks } };
  return auditEntry(dependencies, caller, 'publisher.secret_replaced', changed);
}

/** Warnings for the caller. A publisher's own token gets none about things that it may not see. */
async function warningsOf(dependencies: SettingsDependencies, publisher: Publisher, { role }: Caller): Promise<string[]> {
  const warnings = publisherWarnings(publisher);
  if (role !== 'admin') return warnings;
  const overrides = Object.keys(publisher.payout_overrides).map((id) => ({ field: 'payout_overrides', kind: 'offer', id }) as const);
  return [...warnings, ...(await unknownIdWarnings(dependencies, overrides, 'so the override holds for nothing yet'))];
}

export function publisherNotFound(): AdminError {
  return new AdminError(404, 'publisher_not_found', 'No publisher has this publisher_id');
}

function postbackTools({ allowHttp, vault, newId }: SettingsDependencies, owner: string): PostbackTools {
  return { allowHttp, seal: (secret) => vault.seal(secret, owner), newPostbackId: () => `PB-${newId()}` };
}

function goneFrom(before: Publisher, after: Publisher): string[] {
  return before.postbacks
    .flatMap(({ postback_id }) => postback_id ?? [])
    .filter((id) => !after.postbacks.some(({ postback_id }) => postback_id === id));
}
