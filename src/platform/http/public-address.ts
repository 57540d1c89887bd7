import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { isPublicAddress } from './public-ip.ts';

/** Thrown at connect, before any byte is sent, when a host leads to no public address. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
  readonly code = 'ERR_FORBIDDEN_ADDRESS';

  constructor(hostname: string) {
    super(`${hostname} does not lead to a public address.`);
  }
}

/**
 * Wraps a name look-up so that it gives public addresses only, and ForbiddenAddressError when there is none. The
 * addresses it gives are those that are connected to, so a name that changes between check and use gains nothing.
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
  /** In place of the system's name look-up. */
  lookup?: LookupFunction;
  /** Milliseconds until the headers, and between two parts of the body: 30,000 when not given. */
  stallMs?: number;
  /** 0 keeps no connection; see undici's `pipelining`. */
  pipelining?: number;
};

/** Makes an undici agent that connects to public addresses only; the address is checked when the connection is made. */
export function createPublicAgent(options: PublicAgentOptions = {}): Agent {
  const { lookup = systemLookup, stallMs = 30_000, pipelining } = options;
  const connect = buildConnector({ lookup: publicLookup(lookup), timeout: 10_000, allowH2: false });
  return new Agent({
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
    ...(pipelining !== undefined && { pipelining }),
    connect: (target, callback) => {
      // A host that is an address itself is never looked up.
      const hostname = target.hostname.replace(/^\[|\]$/g, '');
      if (isIP(hostname) === 0 || isPublicAddress(hostname)) return connect(target, callback);
      return callback(new ForbiddenAddressError(hostname), null);
    },
  });
}
