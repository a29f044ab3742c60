import { formEncode, percentEncode } from '../percent-encoding.ts';
import { folded } from '../postback/standard-names.ts';
import { type DeliveryFields, deliveryFieldNames } from './fields.ts';

/** One parameter of a postback, decoded: name and value, and whether the value is the JSON of a nested one. */
export type Parameter = readonly [name: string, value: string, nested?: true | undefined];

/** What a forward-only partner's postback says (contract 1.10). */
export interface Forwarded {
  /** The parameters as they were received, in their order. */
  readonly parameters: readonly Parameter[];
  /** Values that came under a name other than ours, for the macros of a URL. */
  readonly said: DeliveryFields;
}

/**
 * The body of a POST delivery: JSON of all fields under their own names, in a fixed order; absent ones are `null`.
 * Amounts stay decimal text, so that no receiver rounds them while parsing.
 */
export function postBody(fields: DeliveryFields): string {
  return JSON.stringify(Object.fromEntries(deliveryFieldNames.map((name) => [name, fields[name]?.toWellFormed() ?? null])));
}

/** The same fields as a form; absent ones are empty, so that a script finds every name. */
export function formBody(fields: DeliveryFields): string {
  return deliveryFieldNames.map((name) => `${name}=${formEncode(fields[name] ?? '')}`).join('&');
}

/**
 * The URL of a forward-only GET (contract 1.10): the filled URL with the postback's parameters added to its query, in their order, except
 * those that the URL itself contains.
 */
export function withParameters(filled: string, parameters: readonly Parameter[]): string {
  const [address = '', query] = splitOnce(filled.replace(/#.*$/s, ''), '?');
  const added = notIn(filled, parameters).map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`);
  const whole = [...(query === undefined || query === '' ? [] : [query]), ...added].join('&');
  return whole === '' ? address : `${address}?${whole}`;
}

/**
 * The parameters whose name the URL does not contain, near misses included: a partner must not override a publisher's own `token=…`,
 * wherever the publisher's script looks for it first (contract 1.10).
 */
export function notIn(address: string, parameters: readonly Parameter[]): readonly Parameter[] {
  const [, query = ''] = splitOnce(address.replace(/#.*$/s, ''), '?');
  const own = new Set([...new URLSearchParams(query).keys()].map(plainName));
  return parameters.filter(([name]) => !own.has(plainName(name)));
}

/** The name as a careless reader takes it: PHP reads `token[x]` as `token`. */
function plainName(name: string): string {
  return folded(name).replace(/(?!^)\[.*$/s, '');
}

/** The body of a forward-only POST: JSON of the parameters, nested ones as they were. A name that was sent more than once gets a list. */
export function forwardOnlyBody(parameters: readonly Parameter[]): string {
  const byName = Map.groupBy(parameters, ([name]) => name.toWellFormed());
  const entries = [...byName].map(([name, sent]) => {
    const values = sent.map(([, value, nested]): unknown => (nested ? JSON.parse(value) : value.toWellFormed()));
    return [name, values.length === 1 ? values[0] : values];
  });
  return JSON.stringify(Object.fromEntries(entries));
}

/** The same parameters as a form; a nested value is sent as its JSON. */
export function forwardOnlyFormBody(parameters: readonly Parameter[]): string {
  return parameters.map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`).join('&');
}

function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
