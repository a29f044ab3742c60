import { byName, effective, type Parameter } from './parameter.ts';
import type { Json, StandardParameter } from './postback.ts';
import type { NameReader } from './standard-names.ts';

/** The parameters of one request, those with a standard meaning apart from the partner's own. */
export interface AssignedParameters {
  /** Every occurrence, under whichever name, in the order of the request. */
  readonly standard: ReadonlyMap<StandardParameter, readonly Parameter[]>;
  readonly custom: readonly Parameter[];
}

/** Sorts parameters into standard and custom ones (contract 1.1, 1.2). */
export function assignParameters(parameters: readonly Parameter[], { meanings, lastResorts }: NameReader): AssignedParameters {
  const named = new Set(parameters.filter(({ name }) => !lastResorts.has(name)).map(({ name }) => meanings.get(name)));
  const meaningOf = ({ name }: Parameter): StandardParameter | undefined => {
    const meaning = meanings.get(name);
    return lastResorts.has(name) && named.has(meaning) ? undefined : meaning;
  };
  const standard = new Map<StandardParameter, Parameter[]>();
  const custom: Parameter[] = [];
  for (const parameter of parameters) {
    const meaning = meaningOf(parameter);
    if (meaning === undefined) {
      custom.push(parameter);
      continue;
    }
    const occurrences = standard.get(meaning) ?? [];
    occurrences.push(parameter);
    standard.set(meaning, occurrences);
  }
  return { standard, custom };
}

/**
 * Parameters as data to keep, by name, each value unchanged; a name that was repeated keeps all its values.
 * A body value overrides a query value of the same name.
 */
export function dataOf(parameters: readonly Parameter[]): Readonly<Record<string, Json>> {
  // `Object.fromEntries` defines own properties: a parameter called `__proto__` is data like any other.
  return Object.fromEntries(
    [...byName(parameters)].map(([name, occurrences]): [string, Json] => {
      const values = effective(occurrences).map(({ value }) => value);
      const [only] = values;
      return [name, values.length === 1 && only !== undefined ? only : values];
    }),
  );
}
