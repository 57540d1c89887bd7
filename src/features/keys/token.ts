import { createHmac, timingSafeEqual } from 'node:crypto';
import { type UserScope, userScopes } from '../../platform/http/caller.ts';

/** What a user token says. */
export type Claims = { keyId: string; userId: string; scopes: readonly UserScope[]; expiresAt: Date };

const prefix = 'lut_';
const tagBytes = 32;

/** @returns whether credentials claim to be a user token */
export function isUserToken(credentials: string): boolean {
  return credentials.startsWith(prefix);
}

/**
 * Makes a user token: its claims, signed. Nothing is stored, so that a front end may ask for as many as it likes and no
 * table grows by it; whoever checks one asks for its key and its user anyway, and it ends with either of them.
 * @param secret the installation's secret
 */
export function signToken(secret: Buffer, { keyId, userId, scopes, expiresAt }: Claims): string {
  const fields = [keyId, userId, Math.floor(expiresAt.getTime() / 1000), scopes.join(' ')];
  const body = Buffer.from(JSON.stringify(fields));
  return prefix + Buffer.concat([tag(secret, body), body]).toString('base64url');
}

/** @returns what a token says, expired or not; null when this installation has not signed it */
export function readToken(secret: Buffer, token: string): Claims | null {
  const text = token.slice(prefix.length);
  const bytes = Buffer.from(text, 'base64url');
  const body = bytes.subarray(tagBytes);
  const given = bytes.subarray(0, tagBytes);
  // Node passes over what is no base64; a token that was added to is another one all the same.
  const isWhole = given.length === tagBytes && bytes.toString('base64url') === text;
  if (!isWhole || !timingSafeEqual(given, tag(secret, body))) return null;
  // Signed, so it is what signToken wrote.
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
