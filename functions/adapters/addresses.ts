import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net';

type Range = readonly [network: SocketAddress, bits: number];

/**
 * Whether an IP address is one of the listed addresses or inside one of the listed CIDR ranges. An IPv4-mapped IPv6 address counts as the
 * IPv4 address that it maps. A malformed address or range never matches and never throws.
 */
export function isListed(address: string, ranges: readonly string[]): boolean {
  const wanted = parse(address);
  return wanted !== undefined && isInside(unmapped(wanted), ranges.map(parseRange));
}

/**
 * Whether an IP address is one of our proxies.
 *
 * @param ranges addresses and CIDR ranges, separated by commas, as a function's environment has them.
 */
export function proxiesIn(ranges: string): (address: string) => boolean {
  const proxies = ranges.split(',').filter((range) => range.trim() !== '');
  return (address) => isListed(address, proxies);
}

/**
 * The part of the network that belongs to one customer: an IPv4 address, or the /64 of an IPv6 address (contract 1.9). Text that is no IP
 * address is returned unchanged.
 */
export function networkOf(address: string): string {
  const parsed = parse(address);
  if (parsed === undefined) return address;
  const plain = unmapped(parsed);
  return plain.family === 'ipv6' ? firstGroups(plain, 4).join(':') : plain.address;
}

/** IPv4 space that is not one public host (IANA special-purpose registry, multicast, reserved). */
const specialIpv4 = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, cloud metadata
  '172.16.0.0/12', // private
  '192.0.0.0/24', // IETF protocols
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarking
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
];

/**
 * The only IPv6 space that is assigned to public hosts. Outside it are loopback, unspecified, mapped, compatible and translated IPv4,
 * NAT64, discard, unique local (including metadata's fd00:ec2::254), link-local, site-local, SRv6 and multicast.
 */
const globalIpv6 = '2000::/3';

/** Ranges inside {@link globalIpv6} that contain no public host, or lead to an IPv4 address in disguise. */
const specialIpv6 = [
  '2001::/23', // IETF protocols: Teredo, benchmarking, ORCHID
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '3fff::/20', // documentation
];

interface Space {
  readonly specialIpv4: BlockList;
  readonly globalIpv6: BlockList;
  readonly specialIpv6: BlockList;
}

let space: Space | undefined;

/** The parsed ranges. They are parsed at the first use, because not every function that compares IP addresses sends requests. */
function addressSpace(): Space {
  space ??= {
    specialIpv4: listOf(specialIpv4.map(parseRange), 'ipv4'),
    globalIpv6: listOf([parseRange(globalIpv6)], 'ipv6'),
    specialIpv6: listOf(specialIpv6.map(parseRange), 'ipv6'),
  };
  return space;
}

/**
 * Whether outbound requests may go to an IP address: it must be one public unicast host (contract section 3). Anything that is not an IP
 * address in its usual notation is refused, including decimal and octal forms and zone ids.
 */
export function isGloballyRoutable(address: string): boolean {
  const parsed = parse(address);
  if (parsed === undefined) return false;
  const ranges = addressSpace();
  if (parsed.family === 'ipv4') return !ranges.specialIpv4.check(parsed);
  return ranges.globalIpv6.check(parsed) && !ranges.specialIpv6.check(parsed);
}

function isInside(address: SocketAddress, ranges: readonly (Range | undefined)[]): boolean {
  return listOf(ranges, address.family).check(address);
}

/**
 * The ranges of one family. With both in one list, Node would take an IPv4 address for the IPv6 address that maps it, and so find it in
 * `::/0`.
 */
function listOf(ranges: readonly (Range | undefined)[], family: SocketAddress['family']): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    if (range?.[0].family === family) list.addSubnet(...range);
  }
  return list;
}

/** Accepts only the usual notation. Other text that a resolver might read, such as `0x7f.1` and `2130706433`, is no IP address. */
function parse(address: string): SocketAddress | undefined {
  if (isIPv4(address)) return new SocketAddress({ address });
  return isIPv6(address) && !address.includes('%') ? new SocketAddress({ address, family: 'ipv6' }) : undefined;
}

/** The IPv4 address that an IPv6 address maps, if it does: the canonical form ends in it. */
function unmapped(address: SocketAddress): SocketAddress {
  const mapped = /^::ffff:([\d.]+)$/.exec(address.address)?.[1];
  return mapped === undefined ? address : new SocketAddress({ address: mapped });
}

/** The first groups of an IPv6 address, whose canonical form omits the longest run of zeros. */
function firstGroups({ address }: SocketAddress, count: number): string[] {
  const [before = [], after = []] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].slice(0, count);
}

function parseRange(text: string): Range | undefined {
  const [, base, prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const address = base === undefined ? undefined : parse(base);
  if (address === undefined) return undefined;
  const whole = address.family === 'ipv4' ? 32 : 128;
  const bits = prefix === undefined ? whole : Number(prefix);
  if (bits > whole) return undefined;
  // A mapped range of at least /96 is a range of IPv4 addresses.
  const plain = unmapped(address);
  if (plain === address) return [address, bits];
  return bits >= 96 ? [plain, bits - 96] : [address, bits];
}
