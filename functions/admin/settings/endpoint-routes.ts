import * as z from 'zod';
import type { Setting } from '../../adapters/dynamo/settings-writer.ts';
import { pause, resume } from '../../domain/delivery/circuit.ts';
import { endpointOf } from '../../domain/delivery/postbacks.ts';
import type { Publisher } from '../../domain/settings.ts';
import { auditEntry } from '../audit/entry.ts';
import type { SettingsDependencies } from '../ports.ts';
import { type Caller, type Route, route } from '../route.ts';
import { placementId } from '../schemas/fields.ts';
import { ownPublisherWithSecret, publisherView, publisherWithSecret } from '../schemas/publisher.ts';
import { attemptView } from '../schemas/publisher-postback.ts';
import { placementNotFound } from './placement-routes.ts';
import { publisherSettingsOf, publisherViewOf } from './publisher.ts';
import { publisherNotFound } from './publisher-routes.ts';
import { postbackNotFound, testDelivery } from './test-delivery.ts';

/** The most secrets that are valid at the same time (contract section 3). */
const mostSecrets = 2;

const postbackId = z.string().max(64).meta({ description: 'Absent: for a test the plain postback URL, otherwise all postbacks' });
const chosenPostback = z.strictObject({ postback_id: postbackId.optional() }).optional();

/** @throws AdminError 404 when the publisher has no such postback. */
function postbacksNamed({ postbacks }: Publisher, named: string | undefined): (string | undefined)[] {
  if (named === undefined) return [undefined, ...postbacks.map(({ postback_id }) => postback_id)];
  if (!postbacks.some(({ postback_id }) => postback_id === named)) throw postbackNotFound();
  return [named];
}

function healthsOf({ endpoint, postbacks }: z.output<typeof publisherView>): unknown {
  return { endpoint, postbacks: Object.fromEntries(postbacks.map((postback) => [postback.postback_id, postback.endpoint])) };
}

/** Actions on a publisher's endpoint: pause, resume, rotate its secret, test it (contract sections 3 and 4). */
export function endpointRoutes(dependencies: SettingsDependencies): Route[] {
  const { publishers, placements, endpoints, audit, vault, now } = dependencies;

  async function existing(id: string | undefined): Promise<Setting<Publisher>> {
    const found = await publishers.get(id ?? '');
    if (found === undefined) throw publisherNotFound();
    return found;
  }
  const shown = (setting: Setting<Publisher>): Promise<z.output<typeof publisherView>> =>
    publisherViewOf(setting, endpoints.health, now().getTime());

  /** Changes the health of one postback or of all, and records who did it. */
  async function changeHealth(
    setting: Setting<Publisher>,
    postbackIds: readonly (string | undefined)[],
    caller: Caller,
    action: string,
    change: Parameters<typeof endpoints.update>[1],
  ): Promise<z.output<typeof publisherView>> {
    const id = setting.value.publisher_id;
    const before = await shown(setting);
    for (const postbackId of postbackIds)
      if (!(await endpoints.update(endpointOf(id, postbackId), change)))
        throw new Error("the endpoint's health was changed by others again and again");
    const after = await shown(setting);
    const changed = { kind: 'publisher', id, before: healthsOf(before), after: healthsOf(after) };
    await audit.record(auditEntry(dependencies, caller, action, changed));
    return after;
  }

  return [
    route({
      method: 'POST',
      path: '/publishers/{publisher_id}/pause',
      role: 'admin',
      summary: 'Pause deliveries to a publisher',
      description: 'Pauses one postback, or all of them. Deliveries are held until you resume them. Users still get their points.',
      body: chosenPostback,
      answers: { 200: z.object({ publisher: publisherView }) },
      async handle({ params, body, caller }) {
        const setting = await existing(params['publisher_id']);
        const paused = postbacksNamed(setting.value, body?.postback_id);
        const publisher = await changeHealth(setting, paused, caller, 'publisher.paused', (health) =>
          pause(health, now().getTime(), 'manual'),
        );
        return { status: 200, body: { publisher } };
      },
    }),
    route({
      method: 'POST',
      path: '/publishers/{publisher_id}/resume',
      role: 'admin',
      summary: 'Resume deliveries to a publisher',
      description: 'Resumes one postback, or all of them. Held deliveries are sent at a limited rate.',
      body: chosenPostback,
      answers: {
        200: z.object({
          publisher: publisherView,
          released: z.int().meta({ description: 'Held deliveries that are being sent now; more may follow' }),
        }),
      },
      async handle({ params, body, caller }) {
        const setting = await existing(params['publisher_id']);
        const resumed = postbacksNamed(setting.value, body?.postback_id);
        const publisher = await changeHealth(setting, resumed, caller, 'publisher.resumed', resume);
        const released = await Promise.all(resumed.map((one) => dependencies.releaseHeld(setting.value.publisher_id, one)));
        return { status: 200, body: { publisher, released: released.reduce((sum, count) => sum + count, 0) } };
      },
    }),
    route({
      method: 'POST',
      path: '/publishers/{publisher_id}/rotate-secret',
      role: 'admin',
      bound: { publisher: { own: 'path', answers: { 200: ownPublisherWithSecret } } },
      summary: "Rotate a publisher's signing secret",
      description: 'The new secret is shown in this answer only. Deliveries are signed with both the new secret and the previous one.',
      body: z
        .strictObject({
          replace: z.boolean().optional().meta({ description: 'Stops signing with the previous secret at once, in case it has leaked' }),
        })
        .optional(),
      answers: { 200: publisherWithSecret },
      async handle({ params, body, caller }) {
        const id = params['publisher_id'] ?? '';
        const secret = dependencies.newWebhookSecret();
        const changed = await publishers.update(id, async (current) => {
          const sealed = await vault.seal(secret, id);
          const value = { ...current.value, secrets: body?.replace ? [sealed] : [sealed, ...current.value.secrets].slice(0, mostSecrets) };
          const views = { before: publisherSettingsOf(current), after: publisherSettingsOf({ ...current, value }) };
          return { value, audit: auditEntry(dependencies, caller, 'publisher.secret_rotated', { kind: 'publisher', id, ...views }) };
        });
        if (changed === undefined) throw publisherNotFound();
        return { status: 200, body: { publisher: { ...(await shown(changed)), secret }, secret, warnings: [] } };
      },
    }),
    route({
      method: 'POST',
      path: '/publishers/{publisher_id}/test-delivery',
      role: 'admin',
      bound: { publisher: { own: 'path' } },
      summary: 'Send a test delivery',
      description: 'Sends one signed request with sample values and answers with the outcome.',
      body: z
        .strictObject({
          placement_id: placementId.optional().meta({ description: 'Send to the URL of this placement, if it has one' }),
          postback_id: postbackId.optional(),
        })
        .optional(),
      answers: { 200: z.object({ attempt: attemptView }) },
      refusals: { 404: 'The publisher does not exist or has no such placement or postback' },
      async handle({ params, body, caller }) {
        const { value: publisher } = await existing(params['publisher_id']);
        const placement = body?.placement_id === undefined ? undefined : await placements.get(body.placement_id);
        if (body?.placement_id !== undefined && placement?.value.publisher_id !== publisher.publisher_id) throw placementNotFound();
        const attempt = await testDelivery(dependencies, publisher, placement?.value, body?.postback_id);
        const { delivery_id, delivered, code } = attempt;
        const changed = { kind: 'publisher', id: publisher.publisher_id, after: { delivery_id, delivered, code } };
        await audit.record(auditEntry(dependencies, caller, 'publisher.tested', changed));
        return { status: 200, body: { attempt } };
      },
    }),
  ];
}
