import { type StandardParameter, standardParameters } from '../../../domain/postback/postback.ts';
import type { Network, Partner } from './types.ts';

/** What a partner calls our parameters: as its mapping says, else its network, else as we do. */
export function namesFor(
  { parameter_mapping }: Pick<Partner, 'parameter_mapping'>,
  network: Pick<Network, 'names'> | undefined,
): ReadonlyMap<StandardParameter, string> {
  const mapped = Object.entries(parameter_mapping);
  return new Map(standardParameters.map((ours) => [ours, mapped.find(([, to]) => to === ours)?.[0] ?? network?.names[ours]?.[0] ?? ours]));
}

export interface Built {
  readonly origin: string;
  /** A whole key, or what stands for it. */
  readonly key: string;
  readonly event: string;
  /** Names as the partner sends them. */
  readonly parameters: readonly { readonly name: string; readonly macro: string }[];
}

/** The address to paste into the partner's settings; its macros are not encoded, or the partner would not know them. */
export function postbackUrl({ origin, key, event, parameters }: Built): string {
  const path = `${origin}/postback/${key}${event === '' ? '' : `/${encodeURIComponent(event)}`}`;
  const query = parameters.map(({ name, macro }) => `${encodeURIComponent(name)}=${macro}`).join('&');
  return query === '' ? path : `${path}?${query}`;
}
