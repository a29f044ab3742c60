import type { Json } from './postback.ts';

/** One name and value of a request, decoded but not interpreted. */
export interface Parameter {
  readonly name: string;
  /** Text from a query or form; from a JSON body the value that was sent: text, number, boolean, `null` or nested. */
  readonly value: Json;
  /** The value as text: a JSON number exactly as written, and `null` as empty text. `undefined` for a nested value, which has no text. */
  readonly text: string | undefined;
  readonly source: 'query' | 'body';
  /** Its percent-encoding or UTF-8 is invalid, so name and value are kept as received. */
  readonly broken: boolean;
}

/**
 * The occurrences that count: a body value overrides a query value of the same name (contract 1.1).
 *
 * @param occurrences those of one name, or of all names of one standard parameter.
 */
export function effective(occurrences: readonly Parameter[]): readonly Parameter[] {
  const fromBody = occurrences.filter(({ source }) => source === 'body');
  return fromBody.length > 0 ? fromBody : occurrences;
}

/** Groups the parameters by name, each group in the order of the request. */
export function byName(parameters: readonly Parameter[]): ReadonlyMap<string, readonly Parameter[]> {
  return Map.groupBy(parameters, ({ name }) => name);
}

/** A name that was sent, made safe for a message: short, and printable ASCII only. */
export function shown(name: string): string {
  const printable = name.slice(0, 40).replace(/[^\x20-\x7e]/g, '?');
  return name.length > 40 ? `${printable}...` : printable;
}
