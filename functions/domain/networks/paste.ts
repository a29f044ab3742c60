import type { Network } from './network.ts';

/**
 * The addresses to paste into the network, in its own macros (contract 1.8).
 *
 * @param base the postback address with its key.
 * @returns at least one: without a network, or where it adds its parameters by itself, the bare address.
 */
export function pasteUrls(network: Network | undefined, base: string): readonly [string, ...string[]] {
  const [first = '', ...more] = network?.paste ?? [];
  return [`${base}${first}`, ...more.map((template) => `${base}${template}`)];
}
