import { createHash, createHmac } from 'node:crypto';
import type { Network } from '../../functions/domain/networks/network.ts';
import type { StandardParameter } from '../../functions/domain/postback/postback.ts';
import type { PostbackOptions } from './local-stack.ts';

/**
 * A network's side, made from its document alone. It fills in the pasted template as the network fills in its macros, and signs with code
 * of its own, because tests do not trust the code that they test.
 */

/** Something that a network reports: a payment, its reversal, or a test. */
export interface Payment {
  readonly clickId: string;
  readonly transaction: string;
  readonly means: 'approve' | 'reverse' | 'test';
  /** In the network's units, without a sign. Default: 5.00. */
  readonly amount?: string;
}

/** What the network sends, before it signs. */
export interface Unsigned {
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The event in the path. */
  readonly event?: string;
}

export interface NetworkRequest {
  readonly query: string;
  readonly options: PostbackOptions;
}

type Pair = readonly [name: string, value: string];

const anyMark = (marks: Readonly<Record<string, readonly string[]>> | undefined): Pair | undefined => {
  const [first] = Object.entries(marks ?? {});
  return first === undefined ? undefined : [first[0], first[1][0] ?? '1'];
};
const wordFor = ({ statuses }: Network, ...wanted: readonly string[]): string | undefined =>
  Object.entries(statuses?.words ?? {}).find(([, meaning]) => meaning !== null && wanted.includes(meaning))?.[0];

/** Whether the network can send reversals. */
export function canReverse(network: Network): boolean {
  const { reversal, amount } = network;
  const word = wordFor(network, 'reversed') ?? (reversal?.rejected_is_chargeback ? wordFor(network, 'rejected') : undefined);
  return word !== undefined || reversal?.events !== undefined || reversal?.when !== undefined || amount?.negative === 'reverses';
}

/** What the network sends for a payment; `undefined` when it has no way to say this. */
export function sentBy(network: Network, payment: Payment, secret: string, base: string, now: number): NetworkRequest | undefined {
  const unsigned = saidBy(network, payment);
  return unsigned && signedBy(network, unsigned, secret, `${base}${unsigned.event === undefined ? '' : `/${unsigned.event}`}`, now);
}

/** What the network says about a payment; `undefined` when it has no way to say this. */
export function saidBy(network: Network, payment: Payment): Unsigned | undefined {
  const { means } = payment;
  const testMark = anyMark(network.test);
  if (means === 'test' && testMark === undefined) return undefined;
  if (means === 'reverse' && !canReverse(network)) return undefined;
  const event = means === 'reverse' ? network.reversal?.events?.[0] : undefined;
  const template = network.paste?.find((one) => (event === undefined ? !one.startsWith('/') : one.startsWith(`/${event}`))) ?? '';
  const names = namesSent(network, template);
  const pairs = names.map((name): Pair => [name, sentValue(network, name, payment, names)]);
  const marks = means === 'test' ? testMark : means === 'reverse' ? anyMark(network.reversal?.when) : undefined;
  const marked = marks === undefined ? pairs : [...pairs.filter(([name]) => name.toLowerCase() !== marks[0].toLowerCase()), marks];
  const original = network.reversal?.original;
  const parameters =
    means === 'reverse' && original !== undefined
      ? [...marked.filter(([name]) => name !== original), [original, payment.transaction] as const]
      : marked;
  return { parameters, ...(event !== undefined && { event }) };
}

/** The names in the template. A network that adds its parameters itself sends those that its document reads and signs. */
function namesSent({ names, signing, shared_secret }: Network, template: string): string[] {
  const carriers = [signing?.in, shared_secret?.in].flatMap((place) => place?.replace(/^\w+:/, '').split('|') ?? []);
  const pasted = [...new URLSearchParams(template.slice(template.indexOf('?') + 1)).keys()];
  const inMessage =
    typeof signing?.message === 'string' ? [...signing.message.matchAll(/\{(?:\w+:)?([\w.]+)\??\}/g)].map(([, name = '']) => name) : [];
  const own = inMessage.filter(
    (name) => !['secret', 'body', 'target', 'url', 'method', 'sorted_query', 'timestamp', ...carriers].includes(name),
  );
  const time = typeof signing?.message === 'string' && signing.message.includes('decoded:timestamp') ? ['timestamp'] : [];
  const read = (['click_id', 'transaction_id', 'payout', 'status'] as const).map((ours) => names[ours]?.[0]);
  const all = pasted.length > 0 ? pasted : read.filter((name) => name !== undefined);
  return [...new Set([...all, ...own, ...time])].filter((name) => !carriers.includes(name));
}

function sentValue(
  network: Network,
  name: string,
  { clickId, transaction, means, amount: named }: Payment,
  sent: readonly string[],
): string {
  const { names, reversal, amount, test } = network;
  const is = (ours: StandardParameter): boolean => (names[ours] ?? [ours]).includes(name);
  const negative = means === 'reverse' && amount?.negative === 'reverses' && reversal?.events === undefined;
  if (is('click_id')) return clickId;
  if (is('transaction_id')) {
    if (means !== 'reverse') return transaction;
    if (reversal?.id_prefix !== undefined) return `${reversal.id_prefix}${transaction}`;
    return reversal?.original !== undefined || reversal?.own_id ? `${transaction}-back` : transaction;
  }
  if (is('payout')) return `${negative ? '-' : ''}${named ?? (amount?.unit === 'minor' ? '500' : '5.00')}`;
  if (is('status'))
    return names.status === undefined || names.status.find((one) => sent.includes(one)) === name ? statusWord(network, means) : '';
  if (is('currency')) return 'USD';
  if (is('event')) return '';
  if (name === reversal?.original || name in (reversal?.when ?? {}) || name in (test ?? {})) return '';
  return name === 'timestamp' ? '202611261200' : '7';
}

function statusWord(network: Network, means: Payment['means']): string {
  const approved = wordFor(network, 'approved') ?? 'approved';
  if (means !== 'reverse') return approved;
  const rejected = network.reversal?.rejected_is_chargeback ? wordFor(network, 'rejected') : undefined;
  return wordFor(network, 'reversed') ?? rejected ?? approved;
}

/** @param url the URL up to the query. */
export function signedBy(
  network: Network,
  { parameters: pairs, event }: Unsigned,
  secret: string,
  url: string,
  now: number,
): NetworkRequest {
  const { signing, shared_secret } = network;
  const options = event === undefined ? {} : { event };
  const encode = (all: readonly Pair[]) => all.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  if (shared_secret !== undefined) return { query: `${encode(pairs)}&${shared_secret.in.slice(6)}=${encodeURIComponent(secret)}`, options };
  if (signing === undefined) return { query: encode(pairs), options };
  const time = String(Math.floor(now / 1_000));
  const json = signing.in.startsWith('body:') || (typeof signing.message === 'string' && signing.message.includes('{body}'));
  const body = JSON.stringify(nested(pairs));
  const query = json ? '' : encode(pairs);
  const template = typeof signing.message === 'string' ? signing.message : signing.message.GET;
  const sorted = [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).filter(([name]) => !signing.exclude?.includes(name));
  const value = (name: string): string => pairs.find(([known]) => known === name)?.[1] ?? '';
  const text = template.replace(/\{([^}]+)\}/g, (_, inside: string) => {
    if (inside === 'secret') return secret;
    if (inside === 'body') return body;
    if (inside === 'target') return `${new URL(url).pathname}?${query}`;
    if (inside === 'url') return `${url}?${query}`;
    if (inside === 'timestamp') return time;
    if (inside === 'sorted_query') return new URLSearchParams(sorted.map(([name, one]): [string, string] => [name, one])).toString();
    if (inside.startsWith('url_before:')) return `${url}?${query}`;
    if (inside.startsWith('sorted_query:')) return sorted.map(([name, one]) => `${name}=${one}`).join(inside.slice(13));
    if (inside.startsWith('sorted_values:')) return sorted.map(([, one]) => one).join(inside.slice(14));
    if (inside.startsWith('int:')) return value(inside.slice(4)).replace(/\..*/, '');
    return value(inside.replace(/^\w+:/, '').replace(/\?$/, ''));
  });
  const digest = digestOf(signing.algorithm, secret, text, signing.encoding ?? 'hex');
  const [, kind, carrier = ''] = /^(\w+):([^|]+)/.exec(signing.in) ?? [];
  if (kind === 'header') {
    const headers = {
      [carrier]: digest,
      ...(signing.timestamp && { 'X-Timestamp': time }),
      ...(json && { 'content-type': 'application/json' }),
    };
    return { query, options: { ...options, headers, ...(json && { method: 'POST', body }) } };
  }
  if (!json) return { query: `${query}&${carrier}=${encodeURIComponent(digest)}`, options };
  const whole = JSON.stringify({ ...nested(pairs), [carrier]: digest });
  return { query: '', options: { ...options, method: 'POST', body: whole, headers: { 'content-type': 'application/json' } } };
}

function digestOf(algorithm: string, secret: string, text: string, encoding: 'hex' | 'base64' | 'base64url'): string {
  if (algorithm.startsWith('hmac-')) return createHmac(algorithm.slice(5), secret).update(text).digest(encoding);
  return createHash(algorithm).update(text).digest(encoding);
}

function nested(pairs: readonly Pair[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of pairs) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    const place = steps.reduce<Record<string, unknown>>((at, step) => {
      at[step] ??= {};
      return at[step] as Record<string, unknown>;
    }, root);
    place[last] = value;
  }
  return root;
}
