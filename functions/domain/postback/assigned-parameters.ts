import { byName, effective, type Parameter } from './parameter.ts';
import { sentUnder } from './parameter-path.ts';
import type { Json, StandardParameter } from './postback.ts';
import { folded, type Meaning, type NameReader, trimmed } from './standard-names.ts';

/** A parameter with its meaning. */
export interface Assigned {
  readonly parameter: Parameter;
  readonly meaning: Meaning;
}

/** The parameters of one request: those with a standard meaning, and the partner's own. */
export interface AssignedParameters {
  /** Every occurrence, under any of its names, in the order of the request. */
  readonly standard: ReadonlyMap<StandardParameter, readonly Assigned[]>;
  readonly custom: readonly Parameter[];
  /** Whether a name did not match exactly. */
  readonly nearMiss: boolean;
}

/** Sorts parameters into standard and custom ones (contract 1.1, 1.2). */
export function assignParameters(parameters: readonly Parameter[], { meanings, near }: NameReader): AssignedParameters {
  const sent = new Set(parameters.map(({ name }) => name));
  // An exact name without a value counts as absent, so a near miss is read instead: `status=&Status=rejected`.
  const exact = new Set(parameters.filter(({ text }) => text === undefined || trimmed(text) !== '').map(({ name }) => name));
  const standard = new Map<StandardParameter, Assigned[]>();
  const custom: Parameter[] = [];
  let nearMiss = false;
  const assign = (parameter: Parameter, meaning: Meaning): void => {
    const occurrences = standard.get(meaning.standard) ?? [];
    occurrences.push({ parameter, meaning });
    standard.set(meaning.standard, occurrences);
  };
  for (const parameter of parameters) {
    const own = meanings.get(parameter.name);
    const known = own === undefined ? near.get(folded(parameter.name)) : undefined;
    const close = known === undefined || exact.has(known) ? undefined : meanings.get(known);
    nearMiss ||= close !== undefined;
    const meaning = own ?? close;
    if (meaning === undefined) custom.push(parameter);
    else assign(parameter, meaning);
  }
  for (const [path, meaning] of meanings) {
    if (path.includes('.') && !sent.has(path)) for (const found of sentUnder(parameters, path)) assign(found, meaning);
  }
  return { standard, custom, nearMiss };
}

/**
 * Parameters as data to keep, by name, each value unchanged; a repeated name keeps all its values.
 * A body value overrides a query value of the same name.
 */
export function dataOf(parameters: readonly Parameter[]): Readonly<Record<string, Json>> {
  // `Object.fromEntries` defines own properties, so a parameter called `__proto__` is data like any other.
  return Object.fromEntries(
    [...byName(parameters)].map(([name, occurrences]): [string, Json] => {
      const values = effective(occurrences).map(({ value }) => value);
      const [only] = values;
      return [name, values.length === 1 && only !== undefined ? only : values];
    }),
  );
}
