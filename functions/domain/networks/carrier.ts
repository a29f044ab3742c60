import type { Parameter } from '../postback/parameter.ts';
import type { InboundRequest } from '../postback/postback.ts';
import type { Network } from './network.ts';

/** Where a value is sent: `query:NAME`, `body:NAME` or `header:NAME`; several names are joined by `|`. */
export interface Carrier {
  readonly kind: 'parameter' | 'header';
  /** Names of headers are in lower case. */
  readonly names: readonly string[];
}

export function carrierOf(text: string): Carrier {
  const colon = text.indexOf(':');
  const names = text.slice(colon + 1).split('|');
  return text.startsWith('header:') ? { kind: 'header', names: names.map((name) => name.toLowerCase()) } : { kind: 'parameter', names };
}

/** The parameters in which a value is sent; none if it is sent in a header. */
export function namesIn(text: string): readonly string[] {
  const { kind, names } = carrierOf(text);
  return kind === 'parameter' ? names : [];
}

/** The distinct values that were sent, without empty ones. A parameter counts wherever it was sent, since some networks also send forms. */
export function carriedIn(text: string, { headers }: Pick<InboundRequest, 'headers'>, parameters: readonly Parameter[]): readonly string[] {
  const { kind, names } = carrierOf(text);
  const sent =
    kind === 'header'
      ? names.map((name) => headers[name] ?? '')
      : parameters.filter(({ name }) => names.includes(name)).map(({ text: value }) => value ?? '');
  return [...new Set(sent.filter((value) => value !== ''))];
}

/** The names alone, for a message. */
export function namedIn(text: string): string {
  return carrierOf(text).names.join(' or ');
}

/** The place as text, for a message. */
export function placeOf(text: string): string {
  const { kind, names } = carrierOf(text);
  return `the ${kind} ${names.join(' or ')}`;
}

/**
 * The parameters that carry a network's signature or secret. They may differ between two sendings of the same postback and say nothing
 * about the conversion.
 */
export function carrierNames({ signing, shared_secret }: Pick<Network, 'signing' | 'shared_secret'> = {}): readonly string[] {
  return [signing?.in, signing?.timestamp?.in, shared_secret?.in].flatMap((place) => (place === undefined ? [] : namesIn(place)));
}
