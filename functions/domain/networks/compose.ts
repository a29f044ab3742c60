import { formEncode } from '../percent-encoding.ts';
import { formParameters } from '../postback/form-parameters.ts';
import { type Parameter, shown } from '../postback/parameter.ts';
import { sentUnder } from '../postback/parameter-path.ts';
import type { InboundRequest } from '../postback/postback.ts';
import { carriedIn, namesIn } from './carrier.ts';
import { type Piece, piecesOf } from './message.ts';
import type { Signing } from './network.ts';

/** A signed request, with what the pieces of a message need. */
export interface SignedRequest {
  readonly request: InboundRequest;
  /** The base URL that the partner called: its `public_base_url`, else the request's origin. */
  readonly base: string;
  readonly parameters: readonly Parameter[];
}

/** A piece of the signed text, or why this request cannot have been signed that way. */
type Written = { readonly text: string | Uint8Array } | { readonly fault: string };

/** The signed text except for its secrets, or why this request cannot have been signed by the recipe. */
export type Composed = { readonly parts: readonly (string | Uint8Array | typeof secretPlace)[] } | { readonly fault: string };

/** Marks where the secret is in the text. */
const secretPlace = Symbol('secret');

/** Builds the signed text of a request from the network's message. */
export function compose(signing: Signing, signed: SignedRequest): Composed {
  const parts: (string | Uint8Array | typeof secretPlace)[] = [];
  for (const piece of piecesOf(signing, signed.request.method)) {
    if (piece.kind === 'secret') {
      parts.push(secretPlace);
      continue;
    }
    const written = write(piece, signing, signed);
    if ('fault' in written) return written;
    parts.push(written.text);
  }
  return { parts };
}

/** The signed text with the secret inserted. */
export function messageOf({ parts }: Extract<Composed, { parts: unknown }>, secret: string): Uint8Array {
  const encoder = new TextEncoder();
  const bytes = parts.map((part) =>
    part === secretPlace ? encoder.encode(secret) : typeof part === 'string' ? encoder.encode(part) : part,
  );
  const message = new Uint8Array(bytes.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of bytes) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}

/** The text for people and for comparisons, with a placeholder instead of the secret. */
export function textOf(composed: Extract<Composed, { parts: unknown }>, secret = '{secret}'): string {
  return new TextDecoder().decode(messageOf(composed, secret));
}

function write(piece: Exclude<Piece, { kind: 'secret' }>, signing: Signing, signed: SignedRequest): Written {
  const { request, base } = signed;
  switch (piece.kind) {
    case 'text':
      return { text: piece.text };
    case 'method':
      return { text: request.method };
    case 'body':
      // Otherwise a signed URL could be sent once more as the body of a POST.
      return request.body[0] === slash ? { fault: 'its body is a URL' } : { text: request.body };
    case 'target':
      return { text: `${base.replace(/^[a-z]+:\/\/[^/]*/i, '')}${request.path}${queryOf(request)}` };
    case 'url':
      return { text: `${base}${request.path}${queryOf(request)}` };
    case 'url_before':
      return urlBefore(piece.name, signed);
    case 'timestamp':
      return timeOf(signing, signed);
    case 'sorted':
      return sorted(piece, signing, signed);
    case 'value':
      return writtenValue(piece, signed);
    default:
      return piece satisfies never;
  }
}

const slash = 0x2f;

function queryOf({ rawQuery }: InboundRequest): string {
  return rawQuery === '' ? '' : `?${rawQuery}`;
}

/**
 * The URL as the partner called it, byte for byte, up to the signature. What followed the signature would be unsigned, so the signature
 * must be the last parameter and the only one of its name.
 */
function urlBefore(name: string, { request, base }: SignedRequest): Written {
  const { rawQuery, path } = request;
  const before = rawQuery.startsWith(`${name}=`) ? 0 : rawQuery.lastIndexOf(`&${name}=`);
  const pairs = formParameters(rawQuery, 'query');
  if (before === -1 || pairs.at(-1)?.name !== name || rawQuery.includes('&', before + 1)) {
    return { fault: `${name} must be the last parameter of the URL` };
  }
  if (pairs.slice(0, -1).some((pair) => pair.name === name)) return { fault: `${name} was sent more than once` };
  return { text: before === 0 ? `${base}${path}` : `${base}${path}?${rawQuery.slice(0, before)}` };
}

function timeOf({ timestamp }: Signing, { request, parameters }: SignedRequest): Written {
  const place = timestamp?.in ?? '';
  const [time, ...more] = carriedIn(place, request, parameters);
  if (time === undefined || more.length > 0 || !/^\d{1,15}$/.test(time))
    return { fault: `the header ${place.replace(/^\w+:/, '').toLowerCase()} must be a time in epoch seconds` };
  return { text: time };
}

/** A text of the parameters sorted by name. A repeated name would have no definite place in it. */
function sorted({ of, separator }: Extract<Piece, { kind: 'sorted' }>, signing: Signing, { request }: SignedRequest): Written {
  const left = new Set([...(signing.exclude ?? []), ...namesIn(signing.in)]);
  const pairs = formParameters(request.rawQuery, 'query')
    .filter(({ name }) => !left.has(name))
    .map(({ name, text }) => ({ name, text: text ?? '' }));
  if (new Set(pairs.map(({ name }) => name)).size < pairs.length) return { fault: 'a parameter was sent more than once' };
  if (pairs.length === 0) return { fault: 'it covers the query, which is empty' };
  const order = pairs
    .filter(({ name, text }) => text !== '' || signing.skip_empty?.includes(name) !== true)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const write = { form: formPair, pairs: plainPair, values: ({ text }: { text: string }) => text }[of];
  return { text: order.map(write).join(separator) };
}

function plainPair({ name, text }: { readonly name: string; readonly text: string }): string {
  return `${name}=${text}`;
}

function formPair({ name, text }: { readonly name: string; readonly text: string }): string {
  return `${formEncode(name)}=${formEncode(text)}`;
}

function writtenValue({ name, as, optional }: Extract<Piece, { kind: 'value' }>, { parameters, request }: SignedRequest): Written {
  // Query and body together: the value that is read must be the value that was signed.
  const sent = sentUnder(parameters, name);
  const texts = new Set(sent.map(({ text }) => text ?? ''));
  const [text] = texts;
  if (text === undefined) return optional ? { text: '' } : { fault: `it covers ${shown(name)}, which was not sent` };
  if (texts.size > 1) return { fault: `${shown(name)} was sent more than once with different values` };
  if (as === 'int') return { text: text.replace(/\..*$/s, '') };
  return { text: as === 'raw' ? (rawValue(name, request) ?? text) : text };
}

/** The value with the percent-encoding with which it was sent, in the query or in a form. */
function rawValue(name: string, { rawQuery, body }: InboundRequest): string | undefined {
  const pairs = `${rawQuery}&${new TextDecoder().decode(body)}`.split('&');
  const pair = pairs.find((candidate) => formParameters(candidate, 'query')[0]?.name === name);
  return pair?.slice(pair.indexOf('=') + 1);
}
