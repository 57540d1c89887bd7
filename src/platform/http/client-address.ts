import { isIP } from 'node:net';

export type Connected = { ip: string; socket: { remoteAddress?: string } };

/**
 * @returns the client's address: from X-Forwarded-For of a trusted proxy if valid, else the address of the connection
 */
export function clientAddress({ ip, socket }: Connected): string {
  return isIP(ip) === 0 ? (socket.remoteAddress ?? '') : ip;
}
