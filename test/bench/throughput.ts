import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { closeServer, listen } from '../../lib/local/http-server.ts';
import { PublisherServer } from '../support/publisher-server.ts';
import { load } from './load.ts';

export interface Throughput {
  readonly postbacks: number;
  readonly acceptedPerSecond: number;
  readonly p99Milliseconds: number;
  /** From the last answer to the last delivery. */
  readonly drainedSeconds: number;
  /** The same load on a server that answers and does nothing. */
  readonly bare: { readonly perSecond: number; readonly p99Milliseconds: number };
}

const connections = 16;
const postbacks = 1_000;
const patienceMs = 120_000;

const keyAnswer = z.object({ unique_key: z.string() });
const named = z.object({
  partner: z.object({ partner_id: z.string() }).optional(),
  offer: z.object({ offer_id: z.string() }).optional(),
  publisher: z.object({ publisher_id: z.string() }).optional(),
  placement: z.object({ placement_id: z.string() }).optional(),
  click: z.object({ click_id: z.string() }).optional(),
});

/** `npm start` as a user starts it, with every postback for a click of its own; then until the publisher has been told of all. */
export async function measureThroughput(): Promise<Throughput> {
  const directory = await mkdtemp(join(tmpdir(), 'postback-bench-'));
  const publisher = await PublisherServer.start();
  const token = 'bench-token';
  const system = await startSystem(directory, token);
  try {
    const { key, clicks } = await campaign(system.url, token, publisher.url);
    const paths = clicks.map((click) => `/postback/${key}?click_id=${click}&payout=5.00&transaction_id=t-${click}`);
    const measured = await load(system.url, paths, connections);
    if (measured.ok !== postbacks) throw new Error(`${measured.ok} of ${postbacks} postbacks were accepted`);
    const answered = performance.now();
    const told = () => new Set(publisher.requests.map(({ headers }) => headers['webhook-id'])).size;
    while (told() < postbacks) {
      if (performance.now() - answered > patienceMs) throw new Error(`${told()} of ${postbacks} deliveries came`);
      await sleep(50);
    }
    const drainedSeconds = (performance.now() - answered) / 1_000;
    const bare = await bareServer(paths);
    return { postbacks, acceptedPerSecond: measured.perSecond, p99Milliseconds: measured.p99Milliseconds, drainedSeconds, bare };
  } finally {
    await system.stop();
    await publisher.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function startSystem(directory: string, token: string): Promise<{ url: string; stop(): Promise<void> }> {
  const env = { ...process.env, PORT: '0', DATA_DIR: directory, ADMIN_TOKEN: token, RATE_PER_KEY: '100000', SETTINGS_CACHE_SECONDS: '30' };
  const child = spawn(process.execPath, ['bin/local.ts'], {
    cwd: join(import.meta.dirname, '..', '..'),
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { url: await readyAddress(child), stop: () => end(child) };
}

async function readyAddress(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('nothing to read from');
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /^ready (\S+)$/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('the system ended before it was ready');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

async function campaign(url: string, token: string, publisherUrl: string): Promise<{ key: string; clicks: string[] }> {
  const create = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${url}/api/admin${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  const partner_id = named.parse(await create('/partners', { partner_name: 'Bench' })).partner?.partner_id;
  const { unique_key: key } = keyAnswer.parse(await create('/postback-receiver/generate-key', { partner_id }));
  const target_url = 'https://example.com/?click_id={click_id}';
  const offer_id = named.parse(await create('/offers', { partner_id, name: 'Bench', target_url, revenue_share_percent: 80 })).offer
    ?.offer_id;
  const postback_url = `${publisherUrl}/told?click_id={click_id}&points={points}&status={status}`;
  const publisher_id = named.parse(await create('/publishers', { name: 'Bench', postback_url })).publisher?.publisher_id;
  const placement_id = named.parse(await create('/placements', { publisher_id, name: 'Bench' })).placement?.placement_id;
  const clicks: string[] = [];
  while (clicks.length < postbacks) {
    const users = Array.from({ length: 20 }, (_, index) => `user-${clicks.length + index}`);
    const made = await Promise.all(users.map((user_id) => create('/clicks', { offer_id, placement_id, user_id })));
    clicks.push(...made.flatMap((answer) => named.parse(answer).click?.click_id ?? []));
  }
  return { key, clicks };
}

async function bareServer(paths: readonly string[]): Promise<Throughput['bare']> {
  const body = JSON.stringify({ status: 'success' });
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body));
  const url = `http://127.0.0.1:${await listen(server, 0)}`;
  try {
    const { perSecond, p99Milliseconds } = await load(url, paths, connections);
    return { perSecond, p99Milliseconds };
  } finally {
    await closeServer(server, 0);
  }
}
