import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import * as z from 'zod';
import type { LocalPages } from './gateway.ts';
import type { LocalSystem } from './start-local.ts';

const pagePath = '/demo/publisher';
const keptNotifications = 100;
const keptFile = 'demo.json';
const keptSchema = z.object({ key: z.string() });

interface Notification {
  readonly at: Date;
  readonly parameters: readonly (readonly [string, string])[];
}

/** A demo to try the system with: a partner, offers, a publisher whose postback URL is a page of this runner, and clicks. */
export class Demo {
  private readonly received: Notification[] = [];

  /** The publisher's page, and the URL to which we deliver notifications. */
  readonly pages: LocalPages = (request, response) => {
    const url = request.url ?? '';
    if (url === pagePath) return this.show(response);
    if (url.startsWith(`${pagePath}/postback`)) return this.receive(request, response);
    return false;
  };

  /**
   * Sets the demo up through the admin API on the first start. Every start prints how to use it with a new click, so that it can be tried
   * again. When the demo fails, the system runs without it.
   *
   * @param directory where the demo's key is kept for the next start; absent: it is not kept.
   */
  async present(system: LocalSystem, directory: string | undefined): Promise<void> {
    const admin = new AdminCalls(system);
    try {
      const key = system.isNew ? await setUp(admin) : keptKey(directory);
      if (key === undefined) return;
      if (system.isNew) keepKey(directory, key);
      // The port may have changed since the last start.
      await admin.call('PATCH', '/publishers/demo-publisher', { postback_url: notificationUrl(system) });
      const { click } = z
        .object({ click: z.object({ click_id: z.string() }) })
        .parse(await admin.call('POST', '/clicks', { offer_id: 'demo-survey', placement_id: 'demo-placement', user_id: 'demo-user' }));
      console.log(instructions(system, key, click.click_id));
    } catch (error) {
      console.log(`(There is no demo this time: ${error instanceof Error ? error.message : String(error)})`);
    }
  }

  private show(response: ServerResponse): true {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    response.end(page(this.received));
    return true;
  }

  private receive(request: IncomingMessage, response: ServerResponse): true {
    const { searchParams } = new URL(request.url ?? '', 'http://demo');
    this.received.unshift({ at: new Date(), parameters: [...searchParams] });
    this.received.length = Math.min(this.received.length, keptNotifications);
    request.resume();
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end('OK');
    return true;
  }
}

/** @returns the key of the demo's partner. */
async function setUp(admin: AdminCalls): Promise<string> {
  await admin.call('POST', '/partners', { partner_id: 'demo-partner', partner_name: 'Demo Surveys' });
  const { unique_key: key } = z
    .object({ unique_key: z.string() })
    .parse(await admin.call('POST', '/postback-receiver/generate-key', { partner_id: 'demo-partner', label: 'demo' }));
  const offer = { partner_id: 'demo-partner', target_url: 'https://example.com/survey?click_id={click_id}' };
  await admin.call('POST', '/offers', {
    ...offer,
    offer_id: 'demo-survey',
    name: 'A survey, 80% revenue share',
    campaign_id: '100',
    revenue_share_percent: 80,
  });
  await admin.call('POST', '/offers', { ...offer, offer_id: 'demo-app', name: 'An app, 2.50 each', campaign_id: '200', payout: '2.50' });
  await admin.call('POST', '/publishers', { publisher_id: 'demo-publisher', name: 'Demo Rewards' });
  await admin.call('POST', '/placements', {
    placement_id: 'demo-placement',
    publisher_id: 'demo-publisher',
    name: 'Demo wall, 100 points per dollar',
    exchange_rate: '100',
  });
  return key;
}

function keptKey(directory: string | undefined): string | undefined {
  if (directory === undefined || !existsSync(join(directory, keptFile))) return undefined;
  return keptSchema.parse(JSON.parse(readFileSync(join(directory, keptFile), 'utf8'))).key;
}

function keepKey(directory: string | undefined, key: string): void {
  if (directory !== undefined) writeFileSync(join(directory, keptFile), JSON.stringify({ key }), { mode: 0o600 });
}

function notificationUrl(system: LocalSystem): string {
  return `${system.url}${pagePath}/postback?click_id={click_id}&user_id={user_id}&points={points}&payout={payout}&status={status}&delivery_id={delivery_id}`;
}

class AdminCalls {
  private readonly system: LocalSystem;

  constructor(system: LocalSystem) {
    this.system = system;
  }

  async call(method: 'POST' | 'PATCH', path: string, body: object): Promise<unknown> {
    const response = await fetch(`${this.system.url}/api/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${this.system.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 200)}`);
    return JSON.parse(text);
  }
}

function instructions(system: LocalSystem, key: string, clickId: string): string {
  return `
A demo is set up: the partner "Demo Surveys" has two offers, the publisher "Demo Rewards" shows them, and a user has just
clicked on the survey. Report, as the partner, that the user has completed it and that you owe 5.00:

  curl "${system.url}/postback/${key}?click_id=${clickId}&payout=5.00&transaction_id=T1"

The publisher earns 80% of that, 4.00, and the user gets 400 points. See what happened:

  ${system.url}${pagePath}    what the publisher received
  ${system.url}/admin    postbacks, conversions, deliveries (sign in with the admin token)
  curl -H "Authorization: Bearer ${system.adminToken}" ${system.url}/api/admin/publishers/demo-publisher/users/demo-user/points

To make another click, open ${system.url}/track/demo-app?placement_id=demo-placement&user_id=demo-user
`;
}

function page(received: readonly Notification[]): string {
  const rows = received.map(
    ({ at, parameters }) =>
      `<tr><td>${at.toISOString()}</td><td>${parameters.map(([name, value]) => `<b>${escapeHtml(name)}</b>=${escapeHtml(value)}`).join(' ')}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2"><title>Demo Rewards</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}td{padding:.4rem .8rem;border-top:1px solid #ccc;vertical-align:top;overflow-wrap:anywhere}</style>
</head><body><h1>Demo Rewards, a publisher</h1>
<p>The notifications that this publisher has received since the start, newest first. This page refreshes by itself.</p>
<table>${rows.join('\n') || '<tr><td>Nothing yet. Send the postback that <code>npm start</code> has printed.</td></tr>'}</table>
</body></html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
