import type { Network } from '../networks/network.ts';
import type { Partner } from '../settings.ts';
import { type KnownMacros, knownMacros } from './macros.ts';
import { type NameReader, nameReader } from './standard-names.ts';

/** The settings of a partner that determine how its postbacks are read. */
export type PartnerDialect = Pick<
  Partner,
  'parameter_mapping' | 'parameter_defaults' | 'status_mapping' | 'currency' | 'repeat' | 'match_by_transaction' | 'negative_payout'
>;

/** How the postbacks of a partner are read. */
export interface Dialect {
  readonly partner: PartnerDialect;
  readonly network: Network | undefined;
  readonly names: NameReader;
  readonly macros: KnownMacros;
}

/** The same settings object comes from the cache again and again, so its dialect is built only once. */
const known = new WeakMap<PartnerDialect, Dialect>();

/** @param network the partner's network, with the partner's own settings applied. */
export function dialectOf(partner: PartnerDialect, network: Network | undefined): Dialect {
  const kept = known.get(partner);
  if (kept !== undefined && kept.network === network) return kept;
  const dialect = { partner, network, names: nameReader(partner, network), macros: knownMacros(network) };
  known.set(partner, dialect);
  return dialect;
}
