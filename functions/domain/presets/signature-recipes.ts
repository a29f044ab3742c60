import { formParameters } from '../postback/form-parameters.ts';
import type { Parameter } from '../postback/parameter.ts';
import type { DigestAlgorithm, Encoding, HmacAlgorithm } from './crypto.ts';
import type { Carrier, Composed, SignatureRecipe, SignedRequest } from './signature.ts';

/** The pieces that the networks' recipes are put together from: carriers, messages, seals. */

type Compose = SignatureRecipe['compose'];
type Seal = SignatureRecipe['seal'];

export function inParameter(...names: readonly string[]): Carrier {
  return { kind: 'parameter', names };
}

/** @param name in lower case. */
export function inHeader(name: string): Carrier {
  return { kind: 'header', name };
}

/** HMAC with the secret as its key. */
export function hmac(algorithm: HmacAlgorithm, encoding: Encoding): Seal {
  return (crypto, secret, message) => crypto.hmac(algorithm, secret, message, encoding);
}

/** Plain digest, in hex, of the message with the secret appended after a separator. */
export function digestWithSecret(algorithm: DigestAlgorithm, separator = ''): Seal {
  return (crypto, secret, message) => crypto.digest(algorithm, `${message}${separator}${secret}`, 'hex');
}

/**
 * The address as the partner called it, byte for byte, up to the signature. What followed the signature would be
 * unsigned, so it must be the last parameter, and the only one of its name.
 */
export function addressBefore(parameter: string): Compose {
  return ({ request, base }) => {
    const pairs = formParameters(request.rawQuery, 'query');
    const before = request.rawQuery.lastIndexOf(`&${parameter}=`);
    const others = pairs.slice(0, -1);
    if (before === -1 || pairs.at(-1)?.name !== parameter || request.rawQuery.includes('&', before + 1)) {
      return { fault: `${parameter} must be the last parameter of the address` };
    }
    if (others.some(({ name }) => name === parameter)) return { fault: `${parameter} was sent more than once` };
    return { message: `${base}${request.path}?${request.rawQuery.slice(0, before)}` };
  };
}

/** The query's parameters sorted by name and encoded anew as PHP's `http_build_query` does. */
export function sortedForm(): Compose {
  return (signed) =>
    fromQuery(signed, [], (pairs) => pairs.map(({ name, text }) => `${formEncoded(name)}=${formEncoded(text ?? '')}`).join('&'));
}

/**
 * The decoded values of the query's parameters, sorted by the name of the parameter and joined.
 *
 * @param except parameters that are not signed. Safe are the signature itself and what can only make a postback pay less.
 * @param skippedWhenEmpty parameters that are left out when they are empty.
 */
export function sortedValues(separator: string, except: readonly string[], skippedWhenEmpty: readonly string[]): Compose {
  return (signed) =>
    fromQuery(signed, except, (pairs) =>
      pairs
        .filter(({ name, text }) => text !== '' || !skippedWhenEmpty.includes(name))
        .map(({ text }) => text ?? '')
        .join(separator),
    );
}

/** The values of these parameters as sent, joined in this order. */
export function valuesOf(names: readonly string[], separator = ''): Compose {
  return ({ parameters }) => {
    const values: string[] = [];
    for (const name of names) {
      // Query and body together: the value that is read must be the value that is signed.
      const sent = new Set(parameters.filter((parameter) => parameter.name === name).map(({ text }) => text));
      const [value] = sent;
      if (value === undefined) return { fault: `it covers ${name}, which was not sent` };
      if (sent.size > 1) return { fault: `${name} was sent more than once with different values` };
      values.push(value);
    }
    return { message: values.join(separator) };
  };
}

/** The time of signing, a dot, then the raw body of a POST or the path and query of a GET as sent. */
export function timeAndContent(timeHeader: string): Compose {
  return ({ request, base }) => {
    const time = request.headers[timeHeader];
    if (time === undefined || !/^\d{1,12}$/.test(time)) return { fault: `the header ${timeHeader} must be a time in epoch seconds` };
    const start = new TextEncoder().encode(`${time}.`);
    const content = request.method === 'POST' ? request.body : new TextEncoder().encode(targetOf(request, base));
    const message = new Uint8Array(start.byteLength + content.byteLength);
    message.set(start);
    message.set(content, start.byteLength);
    return { message };
  };
}

function targetOf({ path, rawQuery }: SignedRequest['request'], base: string): string {
  const prefix = base.replace(/^[a-z]+:\/\/[^/]*/i, '');
  return `${prefix}${path}${rawQuery === '' ? '' : `?${rawQuery}`}`;
}

/** Composes from the query's parameters sorted by name; a repeated name has no place in such an order. */
function fromQuery(signed: SignedRequest, except: readonly string[], compose: (sorted: readonly Parameter[]) => string): Composed {
  const pairs = formParameters(signed.request.rawQuery, 'query').filter(({ name }) => !except.includes(name));
  const names = new Set(pairs.map(({ name }) => name));
  if (names.size < pairs.length) return { fault: 'a parameter was sent more than once' };
  if (pairs.length === 0) return { fault: 'it covers the query, which is empty' };
  return { message: compose(pairs.toSorted((a, b) => (a.name < b.name ? -1 : 1))) };
}

/** `encodeURIComponent` leaves `!~*'()` alone, PHP does not; a space is `+`. */
function formEncoded(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!~*'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
