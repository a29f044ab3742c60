import type { Parameter } from '../postback/parameter.ts';
import { decodeFormComponent } from '../postback/percent-decoding.ts';
import type { Json } from '../postback/postback.ts';

/**
 * Partners send their key where nobody asked for it: as a parameter, in the Referer, in a body. Nothing that is kept may show it
 * (contract 1.3), so it is replaced by as many asterisks, which mean nothing in a query, a form or JSON.
 *
 * @param key `undefined`: it is gone already, or there never was one.
 */
export function hideKey(text: string, key: string | undefined): string {
  return key === undefined || key === '' ? text : text.replaceAll(key, '*'.repeat(key.length));
}

/** Also where the pair holds it percent-encoded. */
export function hideKeyInPair(pair: string, key: string | undefined): string {
  const hidden = hideKey(pair, key);
  const { text } = decodeFormComponent(hidden);
  const decoded = hideKey(text, key);
  return decoded === text ? hidden : encodeURIComponent(decoded).replace('%3D', '=');
}

export function hideKeyInBody(body: Uint8Array, key: string | undefined): Uint8Array {
  if (key === undefined || key === '' || body.length < key.length) return body;
  // One character for each byte, so that places in the text are places in the body.
  const text = new TextDecoder('latin1').decode(body);
  if (!text.includes(key)) return body;
  const hidden = body.slice();
  for (let at = text.indexOf(key); at !== -1; at = text.indexOf(key, at + key.length)) hidden.fill(0x2a, at, at + key.length);
  return hidden;
}

export function hideKeyInParameters(parameters: readonly Parameter[], key: string | undefined): readonly Parameter[] {
  if (key === undefined) return parameters;
  return parameters.map((parameter) => ({
    ...parameter,
    name: hideKey(parameter.name, key),
    text: parameter.text === undefined ? undefined : hideKey(parameter.text, key),
    value: hideKeyInJson(parameter.value, key),
  }));
}

function hideKeyInJson(value: Json, key: string): Json {
  if (typeof value === 'string') return hideKey(value, key);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((member) => hideKeyInJson(member, key));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [hideKey(name, key), hideKeyInJson(member, key)]));
}

/** `Array.isArray` does not narrow a read-only array. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
