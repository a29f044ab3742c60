import { byName, effective, type Parameter } from './parameter.ts';
import type { Json } from './postback.ts';

/**
 * The canonical text of a postback. Two requests that say the same have the same text, whatever the order of their parameters, their
 * method, and the spelling of their words and amounts (contract 1.5).
 *
 * @param standard values by our names, normalised.
 * @param custom everything else that was sent, without signatures.
 */
export function identityOf(standard: ReadonlyMap<string, string>, custom: readonly Parameter[]): string {
  const said = [...standard].map((pair) => JSON.stringify(pair)).sort();
  const kept = [...byName(custom).values()]
    .flatMap(effective)
    .map(({ name, text, value }) => JSON.stringify([name, text ?? canonicalJson(value)]))
    .sort();
  return `{"standard":[${said.join()}],"custom":[${kept.join()}]}`;
}

function canonicalJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join()}]`;
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.sort().join()}}`;
}

/** `Array.isArray` does not narrow a read-only array. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
