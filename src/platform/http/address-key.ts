import { normalizeIP } from '@fastify/rate-limit';
import { clientAddress, type Connected } from './client-address.ts';

/** @returns the key by which an unauthenticated client is counted: its address, or the /64 network for IPv6 */
export function addressKey(request: Connected): string {
  return normalizeIP(clientAddress(request));
}
