/**
 * True for an address that belongs to one host on the public internet. Everything else is refused as a
 * webhook's target: private, loopback, link-local, shared (CGNAT), multicast, documentation, benchmarking,
 * reserved, addresses that wrap another (IPv4-mapped, NAT64, 6to4, Teredo) and cloud metadata. Ranges: IANA
 * special-purpose registries.
 */
export function isPublicAddress(address: string): boolean {
  const ipv4 = parseIpv4(address);
  if (ipv4 !== null) return !NOT_PUBLIC_IPV4.some((range) => holds(range, BigInt(ipv4)));
  const ipv6 = parseIpv6(address);
  if (ipv6 === null) return false;
  return holds(GLOBAL_UNICAST, ipv6) && !NOT_PUBLIC_IPV6.some((range) => holds(range, ipv6));
}

/** True if the text is an IPv4 or an IPv6 address, without brackets. */
export function isAddress(text: string): boolean {
  return parseIpv4(text) !== null || parseIpv6(text) !== null;
}

/**
 * The part of an address that one subscriber has: all of an IPv4 address, the first 64 bits of an IPv6 one.
 */
export function subscriberPart(address: string): string | null {
  const ipv4 = parseIpv4(address);
  if (ipv4 !== null) return `v4-${ipv4.toString(16)}`;
  const ipv6 = parseIpv6(address);
  if (ipv6 === null) return null;
  const mapped = holds(MAPPED_IPV4, ipv6);
  return mapped ? `v4-${(ipv6 & 0xffffffffn).toString(16)}` : `v6-${(ipv6 >> 64n).toString(16)}`;
}

interface Range {
  base: bigint;
  /** Bits behind the prefix. */
  free: bigint;
}

const NOT_PUBLIC_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "168.63.129.16/32", // Azure's metadata and health service
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
].map(ipv4Range);

const GLOBAL_UNICAST = ipv6Range("2000::/3");
const MAPPED_IPV4 = ipv6Range("::ffff:0:0/96");

const NOT_PUBLIC_IPV6 = [
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
].map(ipv6Range);

function ipv4Range(text: string): Range {
  const [address = "", prefix] = text.split("/");
  const base = parseIpv4(address);
  if (base === null) throw new Error(`${text} must be an IPv4 range`);
  return { base: BigInt(base), free: 32n - BigInt(prefix ?? 32) };
}

function ipv6Range(text: string): Range {
  const [address = "", prefix] = text.split("/");
  const base = parseIpv6(address);
  if (base === null) throw new Error(`${text} must be an IPv6 range`);
  return { base, free: 128n - BigInt(prefix ?? 128) };
}

function holds({ base, free }: Range, address: bigint): boolean {
  return address >> free === base >> free;
}

function parseIpv4(text: string): number | null {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return null;
  const parts = text.split(".").map(Number);
  if (parts.some((part) => part > 255)) return null;
  return parts.reduce((value, part) => value * 256 + part, 0);
}

function parseIpv6(text: string): bigint | null {
  const groups = expandIpv6(text);
  if (groups === null) return null;
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** The URL parser knows every way of writing an IPv6 address, and writes each in one way. */
function expandIpv6(text: string): number[] | null {
  if (!text.includes(":") || !URL.canParse(`http://[${text}]/`)) return null;
  const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const left = hexGroups(head);
  if (tail === undefined) return left;
  const right = hexGroups(tail);
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function hexGroups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
