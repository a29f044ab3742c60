import { type StandardParameter, standardParameters } from '../../../domain/postback/postback.ts';
import type { Network, Partner } from './types.ts';

/** The partner's names for our parameters: from its mapping, otherwise from its network, otherwise our own. */
export function namesFor(
  { parameter_mapping }: Pick<Partner, 'parameter_mapping'>,
  network: Pick<Network, 'names'> | undefined,
): ReadonlyMap<StandardParameter, string> {
  const mapped = Object.entries(parameter_mapping);
  return new Map(standardParameters.map((ours) => [ours, mapped.find(([, to]) => to === ours)?.[0] ?? network?.names[ours]?.[0] ?? ours]));
}

export interface Built {
  readonly origin: string;
  /** A whole key, or a placeholder for it. */
  readonly key: string;
  readonly event: string;
  /** Names as the partner sends them. */
  readonly parameters: readonly { readonly name: string; readonly macro: string }[];
}

/** The URL to paste into the partner's settings. Its macros are not percent-encoded, since the partner would not recognise them. */
export function postbackUrl({ origin, key, event, parameters }: Built): string {
  const path = `${origin}/postback/${key}${event === '' ? '' : `/${encodeURIComponent(event)}`}`;
  const query = parameters.map(({ name, macro }) => `${encodeURIComponent(name)}=${macro}`).join('&');
  return query === '' ? path : `${path}?${query}`;
}
