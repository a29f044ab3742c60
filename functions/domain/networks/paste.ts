import type { Network } from './network.ts';

/**
 * The URLs to paste into the network, with its own macros (contract 1.8).
 *
 * @param base the postback URL with its key.
 * @returns at least one URL: without a network, or if the network adds its parameters by itself, the bare one.
 */
export function pasteUrls(network: Network | undefined, base: string): readonly [string, ...string[]] {
  const [first = '', ...more] = network?.paste ?? [];
  return [`${base}${first}`, ...more.map((template) => `${base}${template}`)];
}
