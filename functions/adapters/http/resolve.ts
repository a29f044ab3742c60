import { lookup, Resolver } from 'node:dns/promises';

/** All IP addresses of a host, in the order in which to try them. Rejects when there is none. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

const nameServerTimeoutMs = 2000;
const nameServerTries = 2;

/**
 * Asks the name servers without `getaddrinfo`, which runs on the four threads that the whole process shares: a handful of publishers with
 * dead name servers would delay everybody else's look-ups.
 *
 * IPv4 comes first, and IPv6 only for hosts that have nothing else, since a function outside a dual-stack network has no IPv6 route.
 *
 * @param servers `address:port`; absent: the machine's name servers.
 */
export function nameServerResolve(servers?: readonly string[]): Resolve {
  const resolver = new Resolver({ timeout: nameServerTimeoutMs, tries: nameServerTries });
  if (servers !== undefined) resolver.setServers(servers);
  return async (hostname) => {
    try {
      return await resolver.resolve4(hostname);
    } catch (error) {
      // If IPv6 has no answer either, the first failure is the more useful one.
      return resolver.resolve6(hostname).catch(() => Promise.reject(error));
    }
  };
}

/** Asks the operating system, which knows `localhost` and the hosts file; for runs on one machine. */
export const systemResolve: Resolve = async (hostname) => {
  const found = await lookup(hostname, { all: true, order: 'ipv4first' });
  return found.map(({ address }) => address);
};
