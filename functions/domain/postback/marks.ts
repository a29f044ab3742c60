import type { Marks } from '../networks/network.ts';
import type { Parameter } from './parameter.ts';
import { sentUnder } from './parameter-path.ts';
import { folded } from './standard-names.ts';

/**
 * Whether one of the marks was sent. Any occurrence counts, even under a near miss of the name, since it can only make a postback pay less.
 */
export function wasMarked(parameters: readonly Parameter[], marks: Marks | undefined): boolean {
  return Object.entries(marks ?? {}).some(([name, values]) => {
    const near = parameters.filter((parameter) => folded(parameter.name) === folded(name));
    return [...near, ...sentUnder(parameters, name)].some(({ text }) => values.includes(text?.trim().toLowerCase() ?? ''));
  });
}
