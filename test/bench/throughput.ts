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
import { type Load, load, pacedLoad } from './load.ts';
import { type ThreadCpu, threadCpu, usedSince } from './thread-cpu.ts';

export interface Throughput {
  readonly postbacks: number;
  readonly acceptedPerSecond: number;
  readonly p99Milliseconds: number;
  /** The p99 of the answers when postbacks come half as fast as they can be accepted. */
  readonly halfRateP99Milliseconds: number;
  /** From the last answer to the last delivery. */
  readonly drainedSeconds: number;
  /** The same for those that came half as fast. */
  readonly halfRateDrainedSeconds: number;
  /** Milliseconds on a processor for one postback, until it is delivered, by the program's threads and child programs. */
  readonly cpu: ThreadCpu;
  /** The same for the functions that a postback passes through: receiver and processor. */
  readonly functionsCpuMilliseconds: number;
  readonly clicks: Clicks;
}

/** Users who follow tracking links. */
interface Clicks {
  readonly redirectsPerSecond: number;
  readonly p99Milliseconds: number;
  /** Milliseconds on a processor for one click, in the tracker alone. */
  readonly cpuMilliseconds: number;
}

export interface ThroughputOptions {
  /** The folder of the program. @default - this checkout */
  readonly root?: string;
  /** Postbacks that are measured at full speed. */
  readonly postbacks?: number;
}

const connections = 16;
/**
 * The first requests start connections, fill caches and make Node.js compile the functions, so they are not measured. Node.js compiles the
 * last of what is called for each postback, which takes it a quarter of a second of two cores, after some 3,500 postbacks.
 */
const warmUp = 3_000;
const patienceMs = 120_000;
const here = join(import.meta.dirname, '..', '..');

const keyAnswer = z.object({ unique_key: z.string() });
const named = z.object({
  partner: z.object({ partner_id: z.string() }).optional(),
  offer: z.object({ offer_id: z.string() }).optional(),
  publisher: z.object({ publisher_id: z.string() }).optional(),
  placement: z.object({ placement_id: z.string() }).optional(),
});

/** Runs `npm start` as a user does, with a click of its own for every postback, until the publisher has received all deliveries. */
export async function measureThroughput({ root = here, postbacks = 2_500 }: ThroughputOptions = {}): Promise<Throughput> {
  const directory = await mkdtemp(join(tmpdir(), 'postback-bench-'));
  const publisher = await PublisherServer.start();
  const token = 'bench-token';
  const system = await startSystem(root, directory, token);
  try {
    const { key, tracking } = await campaign(system.url, token, publisher.url);
    const halfRate = Math.ceil(postbacks / 2);
    const follow = async (count: number, from: number): Promise<{ readonly result: Load; readonly clicks: string[] }> => {
      const paths = Array.from({ length: count }, (_, index) => `${tracking}&user_id=user-${from + index}`);
      const result = await load(system.url, paths, { connections, expected: 302 });
      return { result, clicks: result.locations.flatMap((location) => new URL(location).searchParams.get('click_id') ?? []) };
    };
    const pathsOf = (clicks: readonly string[]) =>
      clicks.map((click) => `/postback/${key}?click_id=${click}&payout=5.00&transaction_id=t-${click}`);
    let sent = 0;
    const drained = async (): Promise<void> => {
      const told = () => new Set(publisher.requests.map(({ headers }) => headers['webhook-id'])).size;
      const deadline = performance.now() + patienceMs;
      while (told() < sent) {
        if (performance.now() > deadline) throw new Error(`${told()} of ${sent} deliveries came`);
        await sleep(20);
      }
    };
    const send = async (clicks: readonly string[]): Promise<Load> => {
      const result = await load(system.url, pathsOf(clicks), { connections, expected: 200 });
      sent += clicks.length;
      return result;
    };

    const first = await follow(warmUp, 0);
    await send(first.clicks);
    await drained();

    const beforeClicks = await system.cpu();
    const { result: redirects, clicks } = await follow(postbacks + halfRate, warmUp);
    const clickCpu = usedSince(beforeClicks, await system.cpu());

    const before = await system.cpu();
    const full = await send(clicks.slice(0, postbacks));
    const answered = performance.now();
    await drained();
    const drainedSeconds = (performance.now() - answered) / 1_000;
    const used = usedSince(before, await system.cpu());
    const rest = clicks.slice(postbacks);
    const halfRateP99Milliseconds = await pacedLoad(system.url, pathsOf(rest), {
      connections,
      expected: 200,
      perSecond: full.perSecond / 2,
    });
    sent += rest.length;
    const halfRateAnswered = performance.now();
    await drained();
    const halfRateDrainedSeconds = (performance.now() - halfRateAnswered) / 1_000;

    const cpu = new Map([...used].map(([name, milliseconds]) => [name, milliseconds / postbacks]));
    return {
      postbacks,
      acceptedPerSecond: full.perSecond,
      p99Milliseconds: full.p99Milliseconds,
      halfRateP99Milliseconds,
      drainedSeconds,
      halfRateDrainedSeconds,
      cpu,
      functionsCpuMilliseconds: (cpu.get('receiver') ?? 0) + (cpu.get('processor') ?? 0),
      clicks: {
        redirectsPerSecond: redirects.perSecond,
        p99Milliseconds: redirects.p99Milliseconds,
        cpuMilliseconds: (clickCpu.get('tracker') ?? 0) / (postbacks + halfRate),
      },
    };
  } finally {
    await system.stop();
    await publisher.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

interface RunningSystem {
  readonly url: string;
  cpu(): Promise<ThreadCpu>;
  stop(): Promise<void>;
}

async function startSystem(root: string, directory: string, token: string): Promise<RunningSystem> {
  const env = { ...process.env, PORT: '0', DATA_DIR: directory, ADMIN_TOKEN: token, RATE_PER_KEY: '100000', SETTINGS_CACHE_SECONDS: '30' };
  const child = spawn(process.execPath, ['bin/local.ts'], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  return { url: await readyAddress(child), cpu: () => threadCpu(child.pid ?? 0), stop: () => end(child) };
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

/** @returns the partner's key, and the path of a tracking link without the user. */
async function campaign(url: string, token: string, publisherUrl: string): Promise<{ key: string; tracking: string }> {
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
  return { key, tracking: `/track/${offer_id}?placement_id=${placement_id}` };
}

export interface BareServer {
  readonly perSecond: number;
  readonly p99Milliseconds: number;
}

/** The same load on a server that answers and does nothing. */
export async function measureBareServer(requests = 1_000): Promise<BareServer> {
  const body = JSON.stringify({ status: 'success' });
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body));
  const url = `http://127.0.0.1:${await listen(server, 0)}`;
  const paths = Array.from({ length: requests }, (_, index) => `/postback/key?click_id=${index}&payout=5.00&transaction_id=t-${index}`);
  try {
    const { perSecond, p99Milliseconds } = await load(url, paths, { connections, expected: 200 });
    return { perSecond, p99Milliseconds };
  } finally {
    await closeServer(server, 0);
  }
}
