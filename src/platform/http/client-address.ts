import { isIP } from 'node:net';

export type Connected = { ip: string; socket: { remoteAddress?: string } };

/**
 * @returns the address that a request comes from: what a trusted proxy forwards of it, where that is an address, else the
 * connection's
 */
export function clientAddress({ ip, socket }: Connected): string {
  return isIP(ip) === 0 ? (socket.remoteAddress ?? '') : ip;
}
