import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/**
 * Whether an address is one of the listed addresses or inside one of the listed CIDR ranges. An IPv4-mapped IPv6
 * address counts as the IPv4 address it maps. A malformed address or range never matches and never throws.
 */
export function isListed(address: string, ranges: readonly string[]): boolean {
  const wanted = parse(address);
  return wanted !== undefined && ranges.some((range) => isInside(unmapped(wanted), parseRange(range)));
}

/** What one customer of a network has: an IPv4 address, or the /64 of an IPv6 one (contract 1.9). What is no address is its own. */
export function networkOf(address: string): string {
  const parsed = parse(address);
  if (parsed === undefined) return address;
  const plain = unmapped(parsed);
  return plain instanceof ipaddr.IPv6
    ? plain.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')
    : plain.toString();
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
 * The only IPv6 space that is assigned to public hosts. Outside it lie loopback, unspecified, mapped, compatible and
 * translated IPv4, NAT64, discard, unique local (metadata's fd00:ec2::254 too), link-local, site-local, SRv6 and multicast.
 */
const globalIpv6 = '2000::/3';

/** What inside {@link globalIpv6} is no public host, or leads to an IPv4 address in disguise. */
const specialIpv6 = [
  '2001::/23', // IETF protocols: Teredo, benchmarking, ORCHID
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '3fff::/20', // documentation
];

interface Space {
  readonly specialIpv4: readonly (Range | undefined)[];
  readonly globalIpv6: Range | undefined;
  readonly specialIpv6: readonly (Range | undefined)[];
}

let space: Space | undefined;

/** Parsed at the first look: not every function that compares addresses sends anything. */
function addressSpace(): Space {
  space ??= { specialIpv4: specialIpv4.map(parseRange), globalIpv6: parseRange(globalIpv6), specialIpv6: specialIpv6.map(parseRange) };
  return space;
}

/**
 * Whether outbound requests may go to an address: one public unicast host (contract section 3). Anything that is not
 * an address in its usual notation, decimal and octal forms and zone ids included, is refused.
 */
export function isGloballyRoutable(address: string): boolean {
  const parsed = parse(address);
  if (parsed === undefined) return false;
  const ranges = addressSpace();
  if (parsed.kind() === 'ipv4') return !ranges.specialIpv4.some((range) => isInside(parsed, range));
  return isInside(parsed, ranges.globalIpv6) && !ranges.specialIpv6.some((range) => isInside(parsed, range));
}

function isInside(address: Address, range: Range | undefined): boolean {
  if (range === undefined) return false;
  const [network, bits] = range;
  if (address instanceof ipaddr.IPv4) return network instanceof ipaddr.IPv4 && address.match(network, bits);
  return network instanceof ipaddr.IPv6 && address.match(network, bits);
}

/** The library also reads `0x7f.1` and `2130706433`, which a resolver might read otherwise: only the usual notation counts. */
function parse(address: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address);
  return !address.includes('%') && ipaddr.IPv6.isValid(address) ? ipaddr.IPv6.parse(address) : undefined;
}

function unmapped(address: Address): Address {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function parseRange(text: string): Range | undefined {
  const [, base, prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const address = base === undefined ? undefined : parse(base);
  if (address === undefined) return undefined;
  const whole = address instanceof ipaddr.IPv4 ? 32 : 128;
  const bits = prefix === undefined ? whole : Number(prefix);
  if (bits > whole) return undefined;
  // A mapped range of at least /96 is a range of IPv4 addresses.
  const plain = unmapped(address);
  if (plain === address) return [address, bits];
  return bits >= 96 ? [plain, bits - 96] : [address, bits];
}
