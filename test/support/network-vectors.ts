import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { carrierOf } from '../../functions/domain/networks/carrier.ts';
import type { Network } from '../../functions/domain/networks/network.ts';

/** What should be read in a request, in the form in which `/networks/check` returns it. */
const understood = z.record(z.string(), z.union([z.string(), z.null()]));
/** A request that a network has signed, and the text that it signed according to its own documentation or code. */
const signedVector = z.strictObject({
  secret: z.string(),
  method: z.enum(['GET', 'POST']).default('GET'),
  url: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  /** Absent: the text itself is the request. */
  text: z.string().optional(),
  digest: z.string(),
  /** Epoch seconds, for networks whose signatures expire. */
  at: z.number().optional(),
  understood,
});
/** A request in the network's own names and words, unsigned; its click is `C`. */
const saying = z.strictObject({
  name: z.string(),
  query: z.string().default(''),
  /** The event in the path. */
  event: z.string().optional(),
  /** JSON that is sent by POST. */
  body: z.string().optional(),
  understood,
});
const vectorsOfNetwork = z.strictObject({
  /** The URL of its documentation, if that is public. */
  docs: z.string().optional(),
  /** What follows our URL, in the network's own macros; absent when these are not public. */
  paste: z.array(z.string()).optional(),
  signed: z.array(signedVector).default([]),
  says: z.array(saying).default([]),
});

export type SignedVector = z.output<typeof signedVector>;
type Vectors = z.output<typeof vectorsOfNetwork>;

const folder = resolve(import.meta.dirname, '..', 'networks');

/** Test vectors by the id of the network; built-in documents that have some have one file with them. */
export const networkVectors: ReadonlyMap<string, Vectors> = new Map(
  readdirSync(folder).map((file) => [
    file.replace('.json', '').replaceAll('-', '_'),
    vectorsOfNetwork.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
  ]),
);

/** The request with its signature in the place where the network puts it. */
export function withSignature(network: Network, { url, body = '', headers, method }: SignedVector, digest: string) {
  const { kind, names } = carrierOf(network.signing?.in ?? '');
  const [name = ''] = names;
  if (kind === 'header') return { method, url, body, headers: { ...headers, [name]: digest } };
  if (network.signing?.in.startsWith('body:')) return { method, url, headers, body: body.replace('}', `,"${name}":"${digest}"}`) };
  return { method, url: `${url}&${name}=${encodeURIComponent(digest)}`, headers, body };
}
