import { isIP } from 'node:net';

/** @returns the entries of a comma-separated list, and those among them that name no proxy */
export function readTrustedProxies(text: string): { proxies: string[]; unusable: string[] } {
  const proxies = text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
  return { proxies, unusable: proxies.filter((entry) => !isProxy(entry)) };
}

// A network of all addresses would believe every stranger.
function isProxy(entry: string): boolean {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const family = isIP(address);
  if (family === 0 || address.includes('%')) return false;
  return prefix === undefined || (Number(prefix) >= 1 && Number(prefix) <= (family === 4 ? 32 : 128));
}

export type Connected = { ip: string; socket: { remoteAddress?: string } };

/**
 * @returns the address that a request comes from: what a trusted proxy forwards of it, where that is an address, else the
 * connection's
 */
export function clientAddress({ ip, socket }: Connected): string {
  return isIP(ip) === 0 ? (socket.remoteAddress ?? '') : ip;
}
