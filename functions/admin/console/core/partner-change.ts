import type { Partner } from './types.ts';

const ofResponse = /^response_(.+)$/;

/** The body of a change: the API takes its own answers as one value, which replaces what was there. */
export function partnerChange(body: Readonly<Record<string, unknown>>, { response }: Partner): Readonly<Record<string, unknown>> {
  const entries = Object.entries(body);
  const rest = Object.fromEntries(entries.filter(([name]) => !ofResponse.test(name)));
  const changes = entries.flatMap(([name, value]) => {
    const part = ofResponse.exec(name)?.[1];
    return part === undefined ? [] : [[part, value] as const];
  });
  if (changes.length === 0) return rest;
  const answers = Object.entries({ ...response, ...Object.fromEntries(changes) }).filter(([, value]) => value !== null);
  return { ...rest, response: answers.length === 0 ? null : Object.fromEntries(answers) };
}
