import { type Piece, piecesOfText } from '../networks/message.ts';
import { digestAlgorithms, type Encoding, hmacAlgorithms } from '../networks/network.ts';
import { formEncode, percentEncode } from '../percent-encoding.ts';
import type { DeliveryCrypto } from './crypto.ts';
import { type Filling, fillText, macrosOf } from './template.ts';

export const signAlgorithms = [...digestAlgorithms, ...hmacAlgorithms] as const;
type SignAlgorithm = (typeof signAlgorithms)[number];

/**
 * How a publisher's own script wants deliveries signed, in the notation of contract 1.8 with our macros. The result fills
 * `{signature}`. The message uses decoded values, as a script reads them.
 */
export interface OutboundSigning {
  readonly algorithm: SignAlgorithm;
  readonly encoding: Encoding;
  readonly message: string;
  /** Sealed in settings, plain in what is about to be sent. */
  readonly secret: string;
}

/** A request that is complete except for its signature, which is empty in it. */
export interface Unsigned {
  readonly method: string;
  readonly url: string;
  readonly body?: string | undefined;
  /** Query parameters that contain the signature, which no message covers. */
  readonly carriers: readonly string[];
  readonly filling: Filling;
}

/** Here `{timestamp}` is a macro like every other. */
const piecesIn = (message: string): readonly Piece[] => piecesOfText(message, false);

/** The piece in our template language, if it is text or a macro with a decoded value (every value may be absent here). */
function templateOf(piece: Piece): string | undefined {
  if (piece.kind === 'text') return piece.text;
  return piece.kind === 'value' && piece.as === 'decoded' ? `{${piece.name}}` : undefined;
}

/** The text that is signed. Never throws. */
function signedText(message: string, secret: string, unsigned: Unsigned): string {
  let text = '';
  let template = '';
  for (const piece of piecesIn(message)) {
    const part = templateOf(piece);
    if (part === undefined) {
      text += fillText(template, unsigned.filling) + pieceText(piece, secret, unsigned);
      template = '';
    } else template += part;
  }
  return text + fillText(template, unsigned.filling);
}

function pieceText(piece: Piece, secret: string, { method, url, body = '', carriers, filling }: Unsigned): string {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'secret':
      return secret;
    case 'body':
      return body;
    case 'method':
      return method;
    case 'target':
      return url.replace(/^[^:]*:\/\/[^/?#]*/, '').replace(/#.*$/s, '');
    case 'url':
      return url;
    case 'url_before':
      return urlBefore(piece.name, url);
    case 'sorted':
      return joinedQuery(piece, sortedQuery(url, carriers));
    case 'timestamp':
      return fillText('{timestamp}', filling);
    case 'value': {
      const value = fillText(`{${piece.name}}`, filling);
      return piece.as === 'raw' ? percentEncode(value) : piece.as === 'int' ? value.replace(/\..*$/s, '') : value;
    }
    default:
      return piece satisfies never;
  }
}

function joinedQuery({ of, separator }: Extract<Piece, { kind: 'sorted' }>, pairs: readonly [string, string][]): string {
  const encode = of === 'form' ? formEncode : (text: string): string => text;
  return pairs.map(([key, value]) => (of === 'values' ? value : `${encode(key)}=${encode(value)}`)).join(separator);
}

function sortedQuery(url: string, carriers: readonly string[]): [string, string][] {
  const query = /\?([^#]*)/.exec(url)?.[1] ?? '';
  const pairs = [...new URLSearchParams(query)].filter(([name]) => !carriers.includes(name));
  return pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The URL up to the `&name=` or `?name=`, without it. */
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

/** Whether the message covers the body. The body then cannot contain the signature, which would cover itself. */
export function coversBody(message: string): boolean {
  return /\{body\}/.test(message);
}

/** A message without the placeholders that only signatures have, so that the rest can be checked as a template. */
export function messageTemplate(message: string): string {
  return piecesIn(message)
    .map((piece) => (piece.kind === 'value' ? `{${piece.name}}` : (templateOf(piece) ?? '')))
    .join('');
}

/** Why a recipe protects nothing; `undefined` when it does. */
export function signingProblem({ algorithm, message }: Pick<OutboundSigning, 'algorithm' | 'message'>): string | undefined {
  if (algorithm.startsWith('hmac-') || message.includes('{secret}')) return undefined;
  return 'must hold {secret}, since a plain digest has no key: anybody could make it';
}

/** Names of a URL's query parameters that contain the signature. */
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
