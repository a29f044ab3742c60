import type { AssignedParameters } from './assigned-parameters.ts';
import { type Parameter, shown } from './parameter.ts';
import type { Refusal } from './postback.ts';

/** Limits of contract 1.7, in characters. */
export const mostParameters = 100;
const longestName = 100;
const longestStandardValue = 2_048;
const longestCustomValue = 8_192;

/** The first limit that the parameters break, if any. */
export function brokenLimit(parameters: readonly Parameter[], { standard, custom }: AssignedParameters): Refusal | undefined {
  if (parameters.length > mostParameters) return tooLong(`More than ${mostParameters} parameters were sent`);
  const name = parameters.find((parameter) => isLonger(parameter.name, longestName))?.name;
  if (name !== undefined) return tooLong(`The name ${shown(name)} is longer than ${longestName} characters`);
  const standardOnes = [...standard.values()].flatMap((assigned) => assigned.map(({ parameter }) => parameter));
  const [kept, deciding] = [standardOnes.filter(({ text }) => text === undefined), standardOnes.filter(({ text }) => text !== undefined)];
  return brokenBy(deciding, longestStandardValue) ?? brokenBy([...custom, ...kept], longestCustomValue);
}

function brokenBy(parameters: readonly Parameter[], limit: number): Refusal | undefined {
  const found = parameters.find(({ text, value }) => isLonger(text ?? JSON.stringify(value), limit));
  return found === undefined ? undefined : tooLong(`The value of ${shown(found.name)} is longer than ${limit} characters`);
}

/**
 * Whether a text has more characters than the limit. Characters are code points, so an emoji is one. They are counted only when the length
 * alone does not settle it.
 */
export function isLonger(text: string, limit: number): boolean {
  return text.length > limit && (text.length > 2 * limit || [...text].length > limit);
}

export function tooLong(message: string): Refusal {
  return { code: 'parameter_too_long', message };
}
