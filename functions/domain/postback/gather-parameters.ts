import { bodyParameters, type Inflate } from './body-parameters.ts';
import { formParameters } from './form-parameters.ts';
import type { Parameter } from './parameter.ts';
import type { InboundRequest, Refusal } from './postback.ts';

export type Gathering =
  | { readonly gathered: true; readonly parameters: readonly Parameter[] }
  /** `parameters` are those of the query, which can still be read for the log. */
  | { readonly gathered: false; readonly refusal: Refusal; readonly parameters: readonly Parameter[] };

/**
 * Gathers the parameters of a request from its raw query and its body, in the order in which they were sent (contract 1.1).
 * No byte sequence makes it throw.
 *
 * @param except names that are not parameters of the postback: the older URL has its key in one (contract 1.9).
 */
export function gatherParameters(request: InboundRequest, inflate: Inflate, except: readonly string[] = []): Gathering {
  const kept = ({ name }: Parameter): boolean => !except.includes(name);
  const query = formParameters(request.rawQuery, 'query').filter(kept);
  const body = bodyParameters(request, inflate);
  if ('refusal' in body) return { gathered: false, refusal: body.refusal, parameters: query };
  return { gathered: true, parameters: [...query, ...body.parameters.filter(kept)] };
}
