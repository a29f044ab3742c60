import { type DeliveryFields, deliveryFieldNames, deliveryMacros } from './fields.ts';
import { fillTemplate, percentEncode } from './macros.ts';

/** One parameter of a postback, decoded: name and value, and whether the value is the JSON of a nested one. */
export type Parameter = readonly [name: string, value: string, nested?: true | undefined];

/** What a forward-only partner's postback says (contract 1.10). */
export interface Forwarded {
  /** As they came and in their order. */
  readonly parameters: readonly Parameter[];
  /** What came under another name than ours, for the macros of an address. */
  readonly said: DeliveryFields;
}

/**
 * The body of a POST delivery: JSON of all fields under their own names, in a fixed order, absent ones `null`.
 * Amounts stay decimal text, so that no receiver rounds them by parsing.
 */
export function postBody(fields: DeliveryFields): string {
  return JSON.stringify(Object.fromEntries(deliveryFieldNames.map((name) => [name, fields[name]?.toWellFormed() ?? null])));
}

/**
 * Where a forward-only partner's postback goes by GET (contract 1.10): macros filled, then the parameters added to the query
 * in their order.
 *
 * A parameter whose name the address already holds is not added: a partner must not override a publisher's own
 * `token=…` or `status={status:approved=1}`.
 *
 * @param fields what the macros stand for; a macro without a field takes the parameter of its name.
 */
export function forwardOnlyUrl(template: string, parameters: readonly Parameter[], fields: DeliveryFields = {}): string {
  const filled = forwardOnlyAddress(template, parameters, fields);
  const [address = '', query] = splitOnce(filled.replace(/#.*$/s, ''), '?');
  const own = new URLSearchParams(query ?? '');
  const added = parameters.filter(([name]) => !own.has(name)).map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`);
  const whole = [...(query === undefined || query === '' ? [] : [query]), ...added].join('&');
  return whole === '' ? address : `${address}?${whole}`;
}

/** The address of a forward-only POST: macros filled, no parameters added, since {@link forwardOnlyBody} holds them. */
export function forwardOnlyAddress(template: string, parameters: readonly Parameter[], fields: DeliveryFields = {}): string {
  return fillTemplate(template, (name) => {
    const field = deliveryMacros.get(name);
    const known = field === undefined ? undefined : fields[field];
    return known ?? parameterNamed(parameters, name) ?? (field === undefined ? undefined : parameterNamed(parameters, field));
  });
}

/** The body of a forward-only POST: JSON of the parameters, nested ones as they were; a name sent more than once holds a list. */
export function forwardOnlyBody(parameters: readonly Parameter[]): string {
  const byName = Map.groupBy(parameters, ([name]) => name.toWellFormed());
  const entries = [...byName].map(([name, sent]) => {
    const values = sent.map(([, value, nested]): unknown => (nested ? JSON.parse(value) : value.toWellFormed()));
    return [name, values.length === 1 ? values[0] : values];
  });
  return JSON.stringify(Object.fromEntries(entries));
}

function parameterNamed(parameters: readonly Parameter[], lowerCaseName: string): string | undefined {
  return parameters.find(([name]) => name.toLowerCase() === lowerCaseName)?.[1];
}

function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
