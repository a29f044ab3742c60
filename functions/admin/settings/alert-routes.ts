import * as z from 'zod';
import type { Setting } from '../../adapters/dynamo/settings-writer.ts';
import type { Alert } from '../../domain/alerting/alert.ts';
import { resume } from '../../domain/delivery/circuit.ts';
import { auditEntry } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery } from '../list-query.ts';
import type { SettingsDependencies } from '../ports.ts';
import { AdminError, type Route, route } from '../route.ts';
import { type AlertChange, alertChange, alertView, alertWithSecret, changedAlert, newAlert } from '../schemas/alert.ts';
import { chosen, publisherId } from '../schemas/fields.ts';
import { checkAddress } from './address.ts';
import { unknownIdWarnings } from './unknown-ids.ts';

const answer = z.object({ alert: alertView });

/** Alerts: who is notified when something is wrong (contract 3.1). */
export function alertRoutes(dependencies: SettingsDependencies): Route[] {
  const { alerts, endpoints, vault, newWebhookSecret, allowHttp, newId, now } = dependencies;
  return [
    route({
      method: 'POST',
      path: '/alerts',
      role: 'admin',
      summary: 'Create an alert',
      description:
        'The signing secret is shown in this answer only. An email must be confirmed before SNS sends alerts to it: see `warnings`.',
      body: newAlert,
      answers: { 201: alertWithSecret },
      refusals: { 409: '`too_many_emails`: SNS accepts no further email subscriptions' },
      async handle({ body, caller, origin }) {
        const id = `ALERT-${newId()}`;
        const secret = newWebhookSecret();
        const secrets = [await vault.seal(secret, id)];
        const value = changed({ alert_id: id, name: '', events: [], console_url: `${origin}/admin`, secrets }, body, allowHttp);
        const warnings = [...(await subscribed(dependencies, body.email)), ...(await scopeWarnings(dependencies, value))];
        const at = now().toISOString();
        const after = viewOf({ value, created_at: at, updated_at: at });
        const created = await alerts.create(id, {
          value,
          audit: auditEntry(dependencies, caller, 'alert.created', { kind: 'alert', id, after }),
        });
        if (created === undefined) throw new Error(`there is an alert ${id} already`);
        return { status: 201, body: { alert: viewOf(created), secret, warnings } };
      },
    }),
    route({
      method: 'GET',
      path: '/alerts',
      role: 'viewer',
      summary: 'List alerts',
      query: z.strictObject(pageQuery),
      answers: { 200: listOf('alerts', alertView) },
      list: 'alerts',
      async handle({ query: { limit, cursor } }) {
        const { settings, next } = await alerts.list({}, { limit, after: cursor });
        return listAnswer('alerts', settings.map(viewOf), next);
      },
    }),
    route({
      method: 'GET',
      path: '/alerts/{alert_id}',
      role: 'viewer',
      summary: 'Get an alert',
      answers: { 200: answer },
      async handle({ params }) {
        const found = await alerts.get(params['alert_id'] ?? '');
        if (found === undefined) throw alertNotFound();
        return { status: 200, body: { alert: viewOf(found) } };
      },
    }),
    route({
      method: 'PATCH',
      path: '/alerts/{alert_id}',
      role: 'admin',
      summary: 'Change an alert',
      description: 'Also gives its endpoint a fresh start: held notifications are sent. Send an unconfirmed email again to get a new link.',
      body: alertChange,
      answers: { 200: changedAlert },
      refusals: { 409: '`too_many_emails`: SNS accepts no further email subscriptions' },
      async handle({ params, body, caller }) {
        const id = params['alert_id'] ?? '';
        if ((await alerts.get(id)) === undefined) throw alertNotFound();
        const subscription = await subscribed(dependencies, body.email);
        const updated = await alerts.update(id, async (current) => {
          const value = changed(current.value, body, allowHttp);
          const views = { before: viewOf(current), after: viewOf({ ...current, value, updated_at: now().toISOString() }) };
          return { value, audit: auditEntry(dependencies, caller, 'alert.updated', { kind: 'alert', id, ...views }) };
        });
        if (updated === undefined) throw alertNotFound();
        // Whoever changes the alert has repaired it, so its endpoint gets a fresh start and what was held is delivered.
        await endpoints.update(id, resume);
        await dependencies.releaseHeld(publisherId.parse(id), undefined);
        const warnings = [...subscription, ...(await scopeWarnings(dependencies, updated.value))];
        return { status: 200, body: { alert: viewOf(updated), warnings } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/alerts/{alert_id}',
      role: 'admin',
      summary: 'Delete an alert',
      answers: { 204: z.undefined() },
      async handle({ params, caller }) {
        const id = params['alert_id'] ?? '';
        const found = await alerts.get(id);
        if (found === undefined) throw alertNotFound();
        await alerts.remove(id, auditEntry(dependencies, caller, 'alert.deleted', { kind: 'alert', id, before: viewOf(found) }));
        await dependencies.retireEndpoint(publisherId.parse(id), undefined);
        return { status: 204, body: undefined };
      },
    }),
  ];
}

function alertNotFound(): AdminError {
  return new AdminError(404, 'alert_not_found', 'No alert has this alert_id');
}

function scopeWarnings(dependencies: SettingsDependencies, { partner_id, publisher_id }: Alert): Promise<string[]> {
  return unknownIdWarnings(
    dependencies,
    [
      { field: 'partner_id', kind: 'partner', id: partner_id },
      { field: 'publisher_id', kind: 'publisher', id: publisher_id },
    ],
    'so the alert says nothing yet',
  );
}

/** Subscribes an email address to its alerts. @returns warnings about what still keeps the alerts from arriving. */
async function subscribed(
  { subscribeEmail, allowHttp: local }: SettingsDependencies,
  email: string | undefined,
): Promise<readonly string[]> {
  if (email === undefined) return [];
  const subscription = await subscribeEmail(email);
  switch (subscription) {
    case 'full':
      throw new AdminError(
        409,
        'too_many_emails',
        'email: SNS takes no further one. Use one that gets alerts already, such as that of a mailing list',
      );
    case 'refused':
      throw new AdminError(400, 'invalid_body', 'email: SNS does not accept this address');
    case 'pending':
      return [`email: ${email} was sent a link by SNS and gets no alerts until somebody follows it. The link is valid for two days`];
    case 'confirmed':
      return local ? [`email: on one machine nothing is mailed. The deliveries of this alert show what ${email} would get`] : [];
    default:
      return subscription satisfies never;
  }
}

function changed(current: Alert, sent: AlertChange, allowHttp: boolean): Alert {
  checkAddress('url', sent.url, allowHttp);
  return {
    ...current,
    name: sent.name ?? current.name,
    url: sent.email === undefined ? (sent.url ?? current.url) : undefined,
    email: sent.url === undefined ? (sent.email ?? current.email) : undefined,
    events: sent.events ?? current.events,
    partner_id: chosen(sent.partner_id, current.partner_id, undefined),
    publisher_id: chosen(sent.publisher_id, current.publisher_id, undefined),
  };
}

/** Shows neither the secret nor the URL of the console. */
function viewOf({ value, created_at, updated_at }: Setting<Alert>): z.output<typeof alertView> {
  const { alert_id, name, url, email, events, partner_id, publisher_id } = value;
  return {
    alert_id,
    name,
    url: url ?? null,
    email: email ?? null,
    events: [...events],
    partner_id: partner_id ?? null,
    publisher_id: publisher_id ?? null,
    created_at,
    updated_at,
  };
}
