import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import type { LocalPages } from './gateway.ts';
import type { LocalSystem } from './start-local.ts';

const pagePath = '/demo/publisher';
const keptNotifications = 100;

interface Notification {
  readonly at: Date;
  readonly parameters: readonly (readonly [string, string])[];
}

/** Something to try the system with: a partner, offers, a publisher whose address is a page of this runner, and a click. */
export class Demo {
  private readonly received: Notification[] = [];

  /** The publisher's page, and the address where it is notified. */
  readonly pages: LocalPages = (request, response) => {
    const url = request.url ?? '';
    if (url === pagePath) return this.show(response);
    if (url.startsWith(`${pagePath}/postback`)) return this.receive(request, response);
    return false;
  };

  /** Sets the demo up through the admin API and says how to use it. A demo that fails is no reason not to run. */
  async create(system: LocalSystem): Promise<void> {
    try {
      const admin = new AdminCalls(system);
      await admin.create('/partners', { partner_id: 'demo-partner', partner_name: 'Demo Surveys' });
      const { unique_key: key } = z
        .object({ unique_key: z.string() })
        .parse(await admin.create('/postback-receiver/generate-key', { partner_id: 'demo-partner', label: 'demo' }));
      const offer = { partner_id: 'demo-partner', target_url: 'https://example.com/survey?click_id={click_id}' };
      await admin.create('/offers', {
        ...offer,
        offer_id: 'demo-survey',
        name: 'A survey, 80% revenue share',
        campaign_id: '100',
        revenue_share_percent: 80,
      });
      await admin.create('/offers', { ...offer, offer_id: 'demo-app', name: 'An app, 2.50 each', campaign_id: '200', payout: '2.50' });
      await admin.create('/publishers', {
        publisher_id: 'demo-publisher',
        name: 'Demo Rewards',
        postback_url: `${system.url}${pagePath}/postback?click_id={click_id}&user_id={user_id}&points={points}&payout={payout}&status={status}&delivery_id={delivery_id}`,
      });
      await admin.create('/placements', {
        placement_id: 'demo-placement',
        publisher_id: 'demo-publisher',
        name: 'Demo wall, 100 points a dollar',
        exchange_rate: '100',
      });
      const { click } = z
        .object({ click: z.object({ click_id: z.string() }) })
        .parse(await admin.create('/clicks', { offer_id: 'demo-survey', placement_id: 'demo-placement', user_id: 'demo-user' }));
      console.log(instructions(system, key, click.click_id));
    } catch (error) {
      console.log(`(The demo could not be set up: ${error instanceof Error ? error.message : String(error)})`);
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

class AdminCalls {
  private readonly system: LocalSystem;

  constructor(system: LocalSystem) {
    this.system = system;
  }

  async create(path: string, body: object): Promise<unknown> {
    const response = await fetch(`${this.system.url}/api/admin${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.system.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${text.slice(0, 200)}`);
    return JSON.parse(text);
  }
}

function instructions(system: LocalSystem, key: string, clickId: string): string {
  return `
A demo is set up: the partner "Demo Surveys" with two offers, the publisher "Demo Rewards", and a user's click on
the survey. Say, as the partner, that the user has completed it and earned 5.00:

  curl "${system.url}/postback/${key}?click_id=${clickId}&payout=5.00&transaction_id=T1"

The publisher earns 80% of that, 4.00, and the user gets 400 points. See it here:

  ${system.url}${pagePath}    what the publisher was told
  ${system.url}/admin    everything: postbacks, conversions, deliveries (it asks for the admin token)
  curl -H "Authorization: Bearer ${system.adminToken}" ${system.url}/api/admin/publishers/demo-publisher/users/demo-user/points

Another click: open ${system.url}/track/demo-app?placement_id=demo-placement&user_id=demo-user
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
<p>What it has been told since the start, newest first. This page refreshes by itself.</p>
<table>${rows.join('\n') || '<tr><td>Nothing yet. Send the postback that <code>npm start</code> printed.</td></tr>'}</table>
</body></html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
