import type { Parameter } from './parameter.ts';
import type { Json } from './postback.ts';

/** The parameters with a name or, if there are none, the values at a path into nested JSON such as `data.user.click`. */
export function sentUnder(parameters: readonly Parameter[], name: string): readonly Parameter[] {
  const named = parameters.filter((parameter) => parameter.name === name);
  return named.length > 0 || !name.includes('.') ? named : parameters.flatMap((parameter) => inside(parameter, name));
}

function inside(parameter: Parameter, path: string): readonly Parameter[] {
  if (!path.startsWith(`${parameter.name}.`)) return [];
  const value = at(parameter.value, path.slice(parameter.name.length + 1).split('.'));
  if (value === undefined) return [];
  const text = typeof value === 'object' && value !== null ? undefined : String(value ?? '');
  return [{ ...parameter, name: path, value, text }];
}

function at(value: Json, steps: readonly string[]): Json | undefined {
  let found: Json | undefined = value;
  for (const step of steps) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.entries(found).find(([name]) => name === step)?.[1];
  }
  return found;
}
