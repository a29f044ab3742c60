import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { ChildSystem } from '../support/faults/child-system.ts';
import { until } from '../support/faults/wait.ts';
import type { AnyBody } from '../support/local-stack.ts';
import { PublisherServer } from '../support/publisher-server.ts';

const run = promisify(execFile);
const token = 'token-of-the-restore-test';
const [kept, lost] = [20, 12];

/** Runs `npm run reconcile` on a directory and returns what it prints. @throws when it finds a gap. */
async function reconcile(dataDir: string): Promise<string> {
  const env = { ...process.env, DATA_DIR: dataDir, GRACE_SECONDS: '0', NODE_OPTIONS: '' };
  const { stdout } = await run(process.execPath, ['bin/reconcile.ts'], { env });
  return stdout.trim();
}

async function call(url: string, path: string, body?: object): Promise<AnyBody> {
  const response = await fetch(`${url}/api/admin${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

// Follows the runbook "Restore from backup" on one machine.
test("a backup is put back, and the partner's own report brings what came after it: everybody is paid once, and the reconciler agrees", async () => {
  const directory = await mkdtemp(join(tmpdir(), 'postback-restore-'));
  const [dataDir, backup] = [join(directory, 'data'), join(directory, 'backup')];
  const publisher = await PublisherServer.start();
  let system = await ChildSystem.start(dataDir, token);
  try {
    const { partner } = await call(system.url, '/partners', { partner_id: 'par', partner_name: 'Partner' });
    expect(partner).toBeDefined();
    const { unique_key: key } = await call(system.url, '/postback-receiver/generate-key', { partner_id: 'par' });
    await call(system.url, '/offers', {
      offer_id: 'off',
      partner_id: 'par',
      name: 'Offer',
      target_url: 'https://example.com/',
      revenue_share_percent: 80,
    });
    await call(system.url, '/publishers', { publisher_id: 'pub', name: 'Publisher', postback_url: `${publisher.url}/?c={conversion_id}` });
    const clicks: string[] = [];
    for (let made = 0; made < kept + lost; made += 1) {
      const { click } = await call(system.url, '/clicks', { offer_id: 'off', publisher_id: 'pub', user_id: 'ann' });
      clicks.push(String(click.click_id));
    }
    const receive = async (some: readonly string[]): Promise<void> => {
      const heard = publisher.requests.length;
      for (const click of some) {
        const answer = await fetch(`${system.url}/postback/${key}?click_id=${click}&payout=5.00&transaction_id=tx-${click}`);
        expect(answer.status).toBe(200);
      }
      await until(() => publisher.requests.length === heard + some.length, 60_000, 'the publisher has heard of all');
    };
    const balance = async () => String((await call(system.url, '/publishers/pub/users/ann/points')).balance);

    await receive(clicks.slice(0, kept));
    await system.stop();
    await cp(dataDir, backup, { recursive: true });

    system = await ChildSystem.start(dataDir, token);
    await receive(clicks.slice(kept));
    expect(await balance()).toBe('128.00');
    await system.stop();

    // The disaster happens, and the backup replaces the data.
    await rm(dataDir, { recursive: true });
    await cp(backup, dataDir, { recursive: true });
    expect(await reconcile(dataDir)).toBe(`${kept} log entries, ${kept} conversions, 1 balances and ${kept} deliveries compared: 0 gaps`);
    system = await ChildSystem.start(dataDir, token);
    expect(await balance()).toBe('80.00');

    // The partner's report of the day contains all conversions.
    const rows = clicks.map((click) => ({ click_id: click, payout: '5.00', transaction_id: `tx-${click}` }));
    const results = ({ rows: report }: AnyBody): Map<string, AnyBody[]> => Map.groupBy(report, ({ result }: AnyBody) => result);
    const dry = results(await call(system.url, '/conversions/import', { partner_id: 'par', rows, dry_run: true }));
    expect([dry.get('duplicate')?.length, dry.get('accepted')?.length]).toEqual([kept, lost]);
    const heard = publisher.requests.length;
    await call(system.url, '/conversions/import', { partner_id: 'par', rows });
    await until(() => publisher.requests.length === heard + lost, 60_000, 'the publisher has heard of what was lost');
    expect(await balance()).toBe('128.00');
    // The publisher had received these before the disaster, under the same conversion ids.
    expect(new Set(publisher.requests.map(({ query }) => query.get('c'))).size).toBe(kept + lost);
    await system.stop();
    expect(await reconcile(dataDir)).toBe(
      `${kept + kept + lost} log entries, ${kept + lost} conversions, 1 balances and ${kept + lost} deliveries compared: 0 gaps`,
    );
  } finally {
    await system.stop();
    await publisher.stop();
    await rm(directory, { recursive: true, force: true });
  }
}, 300_000);
