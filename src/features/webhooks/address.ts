import { isIP } from 'node:net';
import { Problem } from '../../errors.ts';
import { isPublicAddress } from '../../platform/http/public-ip.ts';

// Names for the local machine or network (RFC 6761, RFC 6762, RFC 9476, and common use).
const localNames = /(^|\.)(localhost|local|internal|intranet|home\.arpa|localdomain)$/;

/**
 * Validates the URL of a webhook endpoint. The addresses behind its name are checked at each connect
 * (http/public-address.ts).
 * @param allowPrivate permits http:// and private hosts
 * @returns the URL in canonical form
 * @throws Problem 422 `invalid-endpoint-url` that says what is wrong
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
