import { BlockList, isIP } from 'node:net';

// The IANA special-purpose registry for IPv4, with multicast and the reserved rest.
const specialIpv4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

// Special-purpose parts of the one block that is handed out for global unicast, 2000::/3.
const specialIpv6: readonly (readonly [network: string, prefix: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

// Two lists by family, because a single one applies its IPv4 rules to IPv4-mapped addresses too.
const forbiddenIpv4 = new BlockList();
const forbiddenIpv6 = new BlockList();
const globalIpv6 = new BlockList();
globalIpv6.addSubnet('2000::', 3, 'ipv6');
// A network that reaches IPv4 only through NAT64 names IPv4 hosts by this prefix (RFC 6052), private ones too.
globalIpv6.addSubnet('64:ff9b::', 96, 'ipv6');
for (const [network, prefix] of specialIpv4) {
  forbiddenIpv4.addSubnet(network, prefix, 'ipv4');
  forbiddenIpv6.addSubnet(`64:ff9b::${network}`, 96 + prefix, 'ipv6');
}
for (const [network, prefix] of specialIpv6) forbiddenIpv6.addSubnet(network, prefix, 'ipv6');

/**
 * Says whether an IP address, as text, is one that anybody on the Internet can be reached at: not private, loopback,
 * link-local, shared (CGNAT), multicast, documentation, reserved, nor IPv4 in disguise. False for what is no address.
 */
export function isPublicAddress(ip: string): boolean {
  const family = ip.includes('%') ? 0 : isIP(ip);
  if (family === 4) return !forbiddenIpv4.check(ip, 'ipv4');
  return family === 6 && globalIpv6.check(ip, 'ipv6') && !forbiddenIpv6.check(ip, 'ipv6');
}
