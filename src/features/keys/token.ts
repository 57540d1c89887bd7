import { createHmac, timingSafeEqual } from 'node:crypto';
import { type UserScope, userScopes } from '../../platform/http/caller.ts';

export type Claims = { keyId: string; userId: string; scopes: readonly UserScope[]; expiresAt: Date };

const prefix = 'lut_';
const tagBytes = 32;

export function isUserToken(credentials: string): boolean {
  return credentials.startsWith(prefix);
}

/**
 * Signs the claims of a user token. Tokens are not stored; a check looks up key and user.
 * @param secret of the installation
 */
export function signToken(secret: Buffer, { keyId, userId, scopes, expiresAt }: Claims): string {
  const fields = [keyId, userId, Math.floor(expiresAt.getTime() / 1000), scopes.join(' ')];
  const body = Buffer.from(JSON.stringify(fields));
  return prefix + Buffer.concat([tag(secret, body), body]).toString('base64url');
}

/** @returns the claims, expired or not; null when the signature is not this installation's */
export function readToken(secret: Buffer, token: string): Claims | null {
  const text = token.slice(prefix.length);
  const bytes = Buffer.from(text, 'base64url');
  const body = bytes.subarray(tagBytes);
  const given = bytes.subarray(0, tagBytes);
  // Buffer.from ignores invalid base64: reject what does not round-trip.
  const isWhole = given.length === tagBytes && bytes.toString('base64url') === text;
  if (!isWhole || !timingSafeEqual(given, tag(secret, body))) return null;
  // Signed, so written by signToken.
  const [keyId, userId, expires, held] = JSON.parse(body.toString()) as [string, string, number, string];
  const names = held.split(' ');
  return {
    keyId,
    userId,
    scopes: userScopes.filter((scope) => names.includes(scope)),
    expiresAt: new Date(expires * 1000),
  };
}

function tag(secret: Buffer, body: Buffer): Buffer {
  return createHmac('sha256', secret).update('user token\n').update(body).digest();
}
