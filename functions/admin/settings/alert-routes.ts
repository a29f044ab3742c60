import * as z from 'zod';
import type { Setting } from '../../adapters/dynamo/settings-writer.ts';
import type { Alert } from '../../domain/alerting/alert.ts';
import { resume } from '../../domain/delivery/circuit.ts';
import { auditEntry } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery } from '../list-query.ts';
import type { SettingsDependencies } from '../ports.ts';
import { AdminError, type Route, route } from '../route.ts';
import { type AlertChange, alertChange, alertView, alertWithSecret, newAlert } from '../schemas/alert.ts';
import { chosen, publisherId } from '../schemas/fields.ts';
import { checkAddress } from './address.ts';

const answer = z.object({ alert: alertView });

/** Alerts: who is told when something is wrong (contract 3.1). */
export function alertRoutes(dependencies: SettingsDependencies): Route[] {
  const { alerts, endpoints, vault, newWebhookSecret, allowHttp, newId, now } = dependencies;
  return [
    route({
      method: 'POST',
      path: '/alerts',
      role: 'admin',
      summary: 'Create an alert',
      description: 'The signing secret is shown in this answer only.',
      body: newAlert,
      answers: { 201: alertWithSecret },
      async handle({ body, caller, origin }) {
        const id = `ALERT-${newId()}`;
        const secret = newWebhookSecret();
        const secrets = [await vault.seal(secret, id)];
        const value = changed({ alert_id: id, name: '', url: '', events: [], console_url: `${origin}/admin`, secrets }, body, allowHttp);
        const at = now().toISOString();
        const after = viewOf({ value, created_at: at, updated_at: at });
        const created = await alerts.create(id, {
          value,
          audit: auditEntry(dependencies, caller, 'alert.created', { kind: 'alert', id, after }),
        });
        if (created === undefined) throw new Error(`there is an alert ${id} already`);
        return { status: 201, body: { alert: viewOf(created), secret } };
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
      description: 'Also gives it a fresh start: what was held is sent.',
      body: alertChange,
      answers: { 200: answer },
      async handle({ params, body, caller }) {
        const id = params['alert_id'] ?? '';
        const updated = await alerts.update(id, async (current) => {
          const value = changed(current.value, body, allowHttp);
          const views = { before: viewOf(current), after: viewOf({ ...current, value, updated_at: now().toISOString() }) };
          return { value, audit: auditEntry(dependencies, caller, 'alert.updated', { kind: 'alert', id, ...views }) };
        });
        if (updated === undefined) throw alertNotFound();
        // Whoever changes it has mended it: what was held goes out, and it gets a fresh start.
        await endpoints.update(id, resume);
        await dependencies.releaseHeld(publisherId.parse(id), undefined);
        return { status: 200, body: { alert: viewOf(updated) } };
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
        return { status: 204, body: undefined };
      },
    }),
  ];
}

function alertNotFound(): AdminError {
  return new AdminError(404, 'alert_not_found', 'No alert has this alert_id');
}

function changed(current: Alert, sent: AlertChange, allowHttp: boolean): Alert {
  checkAddress('url', sent.url, allowHttp);
  return {
    ...current,
    name: sent.name ?? current.name,
    url: sent.url ?? current.url,
    events: sent.events ?? current.events,
    partner_id: chosen(sent.partner_id, current.partner_id, undefined),
    publisher_id: chosen(sent.publisher_id, current.publisher_id, undefined),
  };
}

/** Neither the secret nor where the console was. */
function viewOf({ value, created_at, updated_at }: Setting<Alert>): z.output<typeof alertView> {
  const { alert_id, name, url, events, partner_id, publisher_id } = value;
  return {
    alert_id,
    name,
    url,
    events: [...events],
    partner_id: partner_id ?? null,
    publisher_id: publisher_id ?? null,
    created_at,
    updated_at,
  };
}
