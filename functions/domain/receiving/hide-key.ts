import type { Parameter } from '../postback/parameter.ts';
import { decodeFormComponent } from '../postback/percent-decoding.ts';
import type { InboundRequest, Json } from '../postback/postback.ts';
import { latin1 } from '../redact.ts';

/**
 * Partners send their key where nobody asked for it: as a parameter, in the Referer, in a body. Some networks send a secret as a parameter.
 * Nothing that is kept may show these (contract 1.3, 1.8), so each is replaced by as many asterisks, which have no meaning in a query, a
 * form or JSON.
 */
export type Hidden = readonly string[];

/**
 * A shorter secret would be found in half of all values. The parameter in which a secret is sent is hidden whatever the secret's length.
 */
const shortest = 4;

/** The texts of a request that must not be shown. */
export function hiddenOf({ key, secrets = [] }: Pick<InboundRequest, 'key' | 'secrets'>): Hidden {
  return [key ?? '', ...secrets].filter((text) => text.length >= shortest);
}

export function hideIn(text: string, hidden: Hidden): string {
  return hidden.reduce((shown, secret) => shown.replaceAll(secret, '*'.repeat(secret.length)), text);
}

/** Hides secrets in a pair, even if they are percent-encoded in it. */
export function hideInPair(pair: string, hidden: Hidden): string {
  const plain = hideIn(pair, hidden);
  const { text } = decodeFormComponent(plain);
  const decoded = hideIn(text, hidden);
  return decoded === text ? plain : encodeURIComponent(decoded).replace('%3D', '=');
}

/** @returns a copy, since a signature may cover the request's own bytes. */
export function hideInBody(body: Uint8Array, hidden: Hidden): Uint8Array {
  return hidden.reduce((shown, secret) => {
    const text = latin1(shown);
    if (!text.includes(secret)) return shown;
    const masked = new Uint8Array(shown);
    for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + secret.length)) masked.fill(0x2a, at, at + secret.length);
    return masked;
  }, body);
}

export function hideInParameters(parameters: readonly Parameter[], hidden: Hidden): readonly Parameter[] {
  if (hidden.length === 0) return parameters;
  return parameters.map((parameter) => ({
    ...parameter,
    name: hideIn(parameter.name, hidden),
    text: parameter.text === undefined ? undefined : hideIn(parameter.text, hidden),
    value: hideInJson(parameter.value, hidden),
  }));
}

function hideInJson(value: Json, hidden: Hidden): Json {
  if (typeof value === 'string') return hideIn(value, hidden);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((member) => hideInJson(member, hidden));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [hideIn(name, hidden), hideInJson(member, hidden)]));
}

/** `Array.isArray` does not narrow a read-only array. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
