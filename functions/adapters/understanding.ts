import type { NetworkReader } from '../domain/networks/resolve.ts';
import type { UnderstandingPorts } from '../domain/receiving/understand.ts';
import { inflate } from '../runtime/inflate.ts';
import { isListed } from './addresses.ts';
import { nodeCrypto } from './crypto.ts';
import type { Vault } from './vault.ts';

/** What is needed to understand a postback, whether it is new or processed again. */
export function createUnderstanding(networks: NetworkReader, vault: Pick<Vault, 'open'>): UnderstandingPorts {
  return {
    crypto: nodeCrypto,
    networks,
    inflate,
    isListed,
    openSecret: (sealed, partner) => vault.open(sealed, partner.partner_id),
  };
}
