import { BlockList, isIP } from 'node:net';

// IANA special-purpose registry for IPv4, plus multicast and reserved space.
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

// Special-purpose parts of 2000::/3, the only block of global unicast.
const specialIpv6: readonly (readonly [network: string, prefix: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

// One list per family: a single BlockList applies its IPv4 rules to IPv4-mapped addresses too.
const forbiddenIpv4 = new BlockList();
const forbiddenIpv6 = new BlockList();
const globalIpv6 = new BlockList();
globalIpv6.addSubnet('2000::', 3, 'ipv6');
// With NAT64 (RFC 6052), this prefix leads to IPv4 hosts, private ones included.
globalIpv6.addSubnet('64:ff9b::', 96, 'ipv6');
for (const [network, prefix] of specialIpv4) {
  forbiddenIpv4.addSubnet(network, prefix, 'ipv4');
  forbiddenIpv6.addSubnet(`64:ff9b::${network}`, 96 + prefix, 'ipv6');
}
for (const [network, prefix] of specialIpv6) forbiddenIpv6.addSubnet(network, prefix, 'ipv6');

/**
 * @returns whether a textual IP address is publicly routable: not private, loopback, link-local, CGNAT, multicast,
 * documentation or reserved, nor an IPv4 address of such kind in IPv6 notation
 */
export function isPublicAddress(ip: string): boolean {
  const family = ip.includes('%') ? 0 : isIP(ip);
  if (family === 4) return !forbiddenIpv4.check(ip, 'ipv4');
  return family === 6 && globalIpv6.check(ip, 'ipv6') && !forbiddenIpv6.check(ip, 'ipv6');
}
