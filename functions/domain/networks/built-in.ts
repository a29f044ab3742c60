import { networkDocuments } from './documents.ts';
import type { Network } from './network.ts';

/**
 * All networks that ship with the product (contract 1.8), by their ids. It is for lists of them; code that reads postbacks asks for a
 * single one.
 */
export const builtInNetworks: ReadonlyMap<string, Network> = new Map(
  await Promise.all([...networkDocuments].map(async ([id, read]): Promise<[string, Network]> => [id, (await read()).default])),
);
