import { createRequire } from 'node:module';
import * as z from 'zod';
import { percentile } from './numbers.ts';

/** What of autocannon is used here; it comes without types. */
interface Client {
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

export interface Load {
  /** Answers with status 200. */
  readonly ok: number;
  readonly perSecond: number;
  readonly p99Milliseconds: number;
}

/** Requests each path once, over that many connections that stay open. */
export async function load(url: string, paths: readonly string[], connections: number): Promise<Load> {
  const autocannon: unknown = createRequire(import.meta.url)('autocannon');
  if (!isAutocannon(autocannon)) throw new Error('autocannon is not what it was');
  let next = 0;
  let ok = 0;
  const times: number[] = [];
  const from = performance.now();
  let until = from;
  const result = await autocannon({
    url,
    connections,
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
      client.on('response', (status, _, milliseconds) => {
        if (status === 200) ok += 1;
        times.push(milliseconds);
        until = performance.now();
      });
    },
  });
  const { errors, timeouts } = resultSchema.parse(result);
  if (errors + timeouts > 0) throw new Error(`${errors} errors and ${timeouts} timeouts`);
  return { ok, perSecond: times.length / ((until - from) / 1_000), p99Milliseconds: percentile(times, 99) };
}
