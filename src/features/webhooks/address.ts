import { isIP } from 'node:net';
import { Problem } from '../../errors.ts';
import { isPublicAddress } from '../../platform/http/public-ip.ts';

// Names that lead to this machine or this network wherever they are looked up (RFC 6761, RFC 6762, RFC 9476 and use).
const localNames = /(^|\.)(localhost|local|internal|intranet|home\.arpa|localdomain)$/;

/**
 * Looks at the URL of a webhook endpoint before anything is sent to it. What its name leads to is checked when a
 * connection is made, each time (http/public-address.ts).
 * @param allowPrivate lets it be http:// and private
 * @returns the URL as it is called: the host in lower case, an address in its one notation
 * @throws Problem 422 `invalid-endpoint-url` naming what is wrong with it
 */
export function checkEndpointUrl(text: string, { allowPrivate }: { allowPrivate: boolean }): string {
  const url = URL.parse(text);
  if (!url) throw refused('is no URL: write it whole, as https://example.com/webhooks');
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) {
    throw refused('must begin with https://');
  }
  if (url.username || url.password) {
    throw refused('must hold no user name and no password: every webhook is signed, and the signature says who calls');
  }
  if (url.hash) throw refused('must have no #fragment: it would not be sent');
  if (!allowPrivate && isPrivateHost(url.hostname)) throw refused('must lead to a public address');
  return url.href;
}

function isPrivateHost(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0) return !isPublicAddress(address);
  const name = hostname.replace(/\.$/, '');
  return localNames.test(name) || !name.includes('.');
}

function refused(why: string): Problem {
  return new Problem('invalid-endpoint-url', `The URL ${why}.`, {
    errors: [{ field: '/url', code: 'invalid-endpoint-url', detail: why }],
  });
}
