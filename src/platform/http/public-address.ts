import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { isPublicAddress } from './public-ip.ts';

/** Thrown at connect, before any byte is sent, when a host resolves to no public address. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
  readonly code = 'ERR_FORBIDDEN_ADDRESS';

  constructor(hostname: string) {
    super(`${hostname} does not lead to a public address.`);
  }
}

/**
 * Wraps a DNS lookup so that it yields public addresses only, else ForbiddenAddressError. The connection uses exactly
 * these addresses, so DNS rebinding between check and use gains nothing.
 */
export function publicLookup(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found, family) => {
      if (error !== null) return callback(error, []);
      const addresses: LookupAddress[] = typeof found === 'string' ? [{ address: found, family: family ?? 4 }] : found;
      const allowed = addresses.filter(({ address }) => isPublicAddress(address));
      const first = allowed[0];
      if (first === undefined) return callback(new ForbiddenAddressError(hostname), []);
      if (options.all === true) return callback(null, allowed);
      return callback(null, first.address, first.family);
    });
  };
}

export type PublicAgentOptions = {
  /** Replaces the system's DNS lookup. */
  lookup?: LookupFunction;
  /** Milliseconds until the connection is there, its name looked up and its TLS agreed. */
  connectMs: number;
  /** Milliseconds until the headers, and between two chunks of the body; default 30,000. */
  stallMs?: number;
  pipelining?: number;
};

/** Makes an undici agent that connects to public addresses only, checked at connect. */
export function createPublicAgent(options: PublicAgentOptions): Agent {
  const { lookup = systemLookup, connectMs, stallMs = 30_000, pipelining } = options;
  const connect = buildConnector({ lookup: publicLookup(lookup), timeout: connectMs, allowH2: false });
  return new Agent({
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
    ...(pipelining !== undefined && { pipelining }),
    connect: (target, callback) => {
      // undici does not look up literal addresses.
      const hostname = target.hostname.replace(/^\[|\]$/g, '');
      if (isIP(hostname) === 0 || isPublicAddress(hostname)) return connect(target, callback);
      return callback(new ForbiddenAddressError(hostname), null);
    },
  });
}
