import { digestAlgorithms, type Encoding, hmacAlgorithms } from '../networks/network.ts';
import { formEncode, percentEncode } from '../percent-encoding.ts';
import type { DeliveryCrypto } from './crypto.ts';
import { type Filling, fillText, macrosOf } from './template.ts';

export const signAlgorithms = [...digestAlgorithms, ...hmacAlgorithms] as const;
type SignAlgorithm = (typeof signAlgorithms)[number];

/**
 * How a publisher's own script wants a delivery signed, in the notation of contract 1.8 over our macros; it fills `{signature}`.
 * The message takes values decoded, as a script reads them.
 */
export interface OutboundSigning {
  readonly algorithm: SignAlgorithm;
  readonly encoding: Encoding;
  readonly message: string;
  /** Sealed in settings, plain in what is about to be sent. */
  readonly secret: string;
}

/** A request that is whole but for its signature, which is empty in it. */
export interface Unsigned {
  readonly method: string;
  readonly url: string;
  readonly body?: string | undefined;
  /** Query parameters that hold the signature: no message covers them. */
  readonly carriers: readonly string[];
  readonly filling: Filling;
}

/**
 * What a message can hold besides macros. `{raw:name}` is the value as it stands in an address, `{int:name}` is cut at the point,
 * `{name?}` may be absent (every value may, here).
 */
const special =
  /\{(?:(secret|body|method|target|url|sorted_query)|(sorted_query|sorted_values):([^{}]*)|(url_before):([^{}]+)|(raw|int):([A-Za-z_][\w.-]*)|([A-Za-z_][\w.-]*)\?)\}/g;

/** The text that is signed. Never throws. */
function signedText(message: string, secret: string, unsigned: Unsigned): string {
  const { filling } = unsigned;
  const value = (name: string): string => fillText(`{${name}}`, filling);
  let text = '';
  let end = 0;
  for (const found of message.matchAll(special)) {
    const [source, whole, sorted, separator = '', , parameter, shape, shaped = '', optional] = found;
    text += fillText(message.slice(end, found.index), filling);
    end = found.index + source.length;
    if (whole === 'secret') text += secret;
    else if (whole !== undefined) text += wholePart(whole, unsigned);
    else if (sorted !== undefined) text += joinedQuery(sorted, separator, unsigned);
    else if (parameter !== undefined) text += urlBefore(parameter, unsigned.url);
    else if (shape !== undefined) text += shape === 'raw' ? percentEncode(value(shaped)) : value(shaped).replace(/\..*$/s, '');
    else if (optional !== undefined) text += value(optional);
  }
  return text + fillText(message.slice(end), filling);
}

function wholePart(name: string, { method, url, body = '', carriers }: Unsigned): string {
  switch (name) {
    case 'body':
      return body;
    case 'method':
      return method;
    case 'target':
      return url.replace(/^[^:]*:\/\/[^/?#]*/, '').replace(/#.*$/s, '');
    case 'sorted_query':
      return sortedQuery(url, carriers)
        .map(([key, value]) => `${formEncode(key)}=${formEncode(value)}`)
        .join('&');
    default:
      return url;
  }
}

function joinedQuery(name: string, separator: string, { url, carriers }: Unsigned): string {
  const pairs = sortedQuery(url, carriers);
  return pairs.map(([key, value]) => (name === 'sorted_values' ? value : `${key}=${value}`)).join(separator);
}

function sortedQuery(url: string, carriers: readonly string[]): [string, string][] {
  const query = /\?([^#]*)/.exec(url)?.[1] ?? '';
  const pairs = [...new URLSearchParams(query)].filter(([name]) => !carriers.includes(name));
  return pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The address up to, and without, the `&name=` or `?name=`. */
function urlBefore(parameter: string, url: string): string {
  const at = Math.max(url.lastIndexOf(`&${parameter}=`), url.lastIndexOf(`?${parameter}=`));
  return at < 0 ? url : url.slice(0, at);
}

export function signatureOf({ algorithm, encoding, message, secret }: OutboundSigning, unsigned: Unsigned, crypto: DeliveryCrypto): string {
  const text = signedText(message, secret, unsigned).toWellFormed();
  const digest = digestAlgorithms.find((name) => algorithm === name);
  if (digest !== undefined) return crypto.digest(digest, text, encoding);
  return crypto.hmac(hmacAlgorithms.find((name) => algorithm === name) ?? 'hmac-sha256', secret, text, encoding);
}

/** The signature would cover itself: a body that is signed does not hold it. */
export function coversBody(message: string): boolean {
  return /\{body\}/.test(message);
}

/** A message without what only signatures know, so that the rest can be checked as a template. */
export function messageTemplate(message: string): string {
  return message.replace(special, (source, _whole, _sorted, _separator, _before, _parameter, _shape, shaped, optional) =>
    shaped === undefined && optional === undefined ? '' : source.replace(/^\{(?:raw:|int:)?/, '{').replace('?', ''),
  );
}

/** Why a recipe protects nothing; `undefined`: it does. */
export function signingProblem({ algorithm, message }: Pick<OutboundSigning, 'algorithm' | 'message'>): string | undefined {
  if (algorithm.startsWith('hmac-') || message.includes('{secret}')) return undefined;
  return 'must hold {secret}, since a plain digest has no key: anybody could make it';
}

/** Names of an address's query parameters that hold the signature. */
export function carriersOf(template: string): string[] {
  const query = /\?([^#]*)/.exec(template)?.[1] ?? '';
  return query.split('&').flatMap((pair) => {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    return macrosOf(value).some((macro) => macro.name === 'signature') ? [decodeName(name)] : [];
  });
}

function decodeName(name: string): string {
  return new URLSearchParams(`${name}=`).keys().next().value ?? name;
}
