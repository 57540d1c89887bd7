import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

const privateRanges = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateRanges.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  privateRanges.addSubnet(net, prefix, 'ipv6');
}

// BlockList checks IPv4-mapped IPv6 addresses against the IPv4 ranges.

/**
 * Whether a webhook address resolves to a private network; fal drops those without a try (fal contract §2.3).
 * @throws the resolver's error when the name cannot be resolved, which fal retries
 */
export async function isPrivateTarget(address: string): Promise<boolean> {
  const host = new URL(address).hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost' || /\.(localhost|local|internal)$/.test(host)) return true;
  const found = isIP(host) ? [{ address: host }] : await lookup(host, { all: true });
  return found.some((each) => privateRanges.check(each.address, isIP(each.address) === 6 ? 'ipv6' : 'ipv4'));
}
