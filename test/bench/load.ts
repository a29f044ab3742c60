import { Agent, get } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { percentile } from './numbers.ts';

/** The parts of autocannon that are used here; it has no types of its own. */
interface Client {
  on(event: 'headers', listener: (head: { readonly statusCode: number; readonly headers: readonly string[] }) => void): void;
  on(event: 'response', listener: (status: number, bytes: number, milliseconds: number) => void): void;
}
interface Request {
  readonly path?: string;
}
type Autocannon = (options: {
  readonly url: string;
  readonly connections: number;
  readonly amount: number;
  readonly requests: readonly { readonly setupRequest: (request: Request) => Request }[];
  readonly setupClient: (client: Client) => void;
}) => PromiseLike<unknown>;

const isAutocannon = (value: unknown): value is Autocannon => typeof value === 'function';
const resultSchema = z.object({ duration: z.number(), errors: z.number(), timeouts: z.number() });

export interface LoadOptions {
  readonly connections: number;
  /** The status of each answer. */
  readonly expected: number;
}

export interface Load {
  readonly perSecond: number;
  readonly p99Milliseconds: number;
  /** The `location` headers of the answers, in the order in which they came. */
  readonly locations: readonly string[];
}

/** Requests each path once, over so many connections that stay open. @throws when an answer is not the expected one. */
export async function load(url: string, paths: readonly string[], { connections, expected }: LoadOptions): Promise<Load> {
  const autocannon: unknown = createRequire(import.meta.url)('autocannon');
  if (!isAutocannon(autocannon)) throw new Error('autocannon is not what it was');
  let next = 0;
  const others: number[] = [];
  const times: number[] = [];
  const locations: string[] = [];
  const from = performance.now();
  let until = from;
  const result = await autocannon({
    url,
    connections: Math.min(connections, paths.length),
    amount: paths.length,
    requests: [
      {
        setupRequest: (request) => {
          next += 1;
          return { ...request, path: paths[(next - 1) % paths.length] ?? '/' };
        },
      },
    ],
    setupClient: (client) => {
      client.on('headers', ({ headers }) => {
        const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === 'location');
        if (at >= 0) locations.push(headers[at + 1] ?? '');
      });
      client.on('response', (status, _, milliseconds) => {
        if (status !== expected) others.push(status);
        times.push(milliseconds);
        until = performance.now();
      });
    },
  });
  const { errors, timeouts } = resultSchema.parse(result);
  if (errors + timeouts > 0) throw new Error(`${errors} errors and ${timeouts} timeouts`);
  if (others.length > 0) throw new Error(`${others.length} of ${paths.length} answers were not ${expected} but ${others[0]}`);
  return { perSecond: times.length / ((until - from) / 1_000), p99Milliseconds: percentile(times, 99), locations };
}

export interface PacedOptions extends LoadOptions {
  /** Requests are evenly spaced, whether or not the last one has been answered. */
  readonly perSecond: number;
}

/** Requests each path once, at a rate. @returns the p99 of the time from when a request was due to its answer, in milliseconds. */
export async function pacedLoad(
  url: string,
  paths: readonly string[],
  { connections, expected, perSecond }: PacedOptions,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const from = performance.now();
  const request = async (path: string, index: number): Promise<number> => {
    const due = from + (index * 1_000) / perSecond;
    await sleep(Math.max(0, due - performance.now()));
    const status = await new Promise<number | undefined>((resolve, reject) => {
      get(`${url}${path}`, { agent }, (response) => {
        response.on('end', () => resolve(response.statusCode)).resume();
      }).on('error', reject);
    });
    if (status !== expected) throw new Error(`an answer was not ${expected} but ${status}`);
    return performance.now() - due;
  };
  try {
    return percentile(await Promise.all(paths.map(request)), 99);
  } finally {
    agent.destroy();
  }
}
