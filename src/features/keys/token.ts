import { type UserScope, userScopes } from '../../platform/http/caller.ts';
import { seal, unseal } from '../../platform/http/signer.ts';

export type Claims = { keyId: string; userId: string; scopes: readonly UserScope[]; expiresAt: Date };

const prefix = 'lut_';

export function isUserToken(credentials: string): boolean {
  return credentials.startsWith(prefix);
}

/**
 * Signs the claims of a user token. Tokens are not stored; a check looks up key and user.
 * @param secret of the installation
 */
export function signToken(secret: Buffer, { keyId, userId, scopes, expiresAt }: Claims): string {
  const fields = [keyId, userId, Math.floor(expiresAt.getTime() / 1000), scopes.join(' ')];
  return prefix + seal(secret, 'user token', Buffer.from(JSON.stringify(fields)));
}

/** @returns the claims, expired or not; null when the signature is not this installation's */
export function readToken(secret: Buffer, token: string): Claims | null {
  const body = unseal(secret, 'user token', token.slice(prefix.length));
  if (!body) return null;
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
