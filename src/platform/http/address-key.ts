import { normalizeIP } from '@fastify/rate-limit';
import { clientAddress, type Connected } from './client-address.ts';

/** @returns what a stranger is counted by: the address, of IPv6 the /64, as one host is given all of it */
export function addressKey(request: Connected): string {
  return normalizeIP(clientAddress(request));
}
