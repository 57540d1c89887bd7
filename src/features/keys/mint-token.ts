import type { Context } from '../../context.ts';
import { notFound, Problem } from '../../errors.ts';
import { type Caller, hasScope, refuseBlocked, type UserScope, userScopes } from '../../platform/http/caller.ts';
import { findBearer, findKey } from './store.ts';
import { signToken } from './token.ts';

export type AskedToken = { scopes?: readonly UserScope[] | undefined; ttl_seconds: number };
export type MintedToken = { token: string; user_id: string; scopes: UserScope[]; expires_at: Date };

/**
 * Mints a token that gives a browser or web app access to one user's data. It ends with its lifetime, its key or its
 * user.
 * @param caller the minting key, whose scopes limit the token
 * @throws Problem 404 for an unknown user; 403 `user-blocked`; 403 `missing-scope` for a scope that the key lacks
 */
export async function mintToken(
  { db, installation }: Pick<Context, 'db' | 'installation'>,
  userId: string,
  asked: AskedToken,
  caller: Caller,
): Promise<MintedToken> {
  const lacking = asked.scopes?.find((scope) => !hasScope(caller, scope));
  if (lacking) {
    throw new Problem('missing-scope', `The API key lacks the scope ${lacking}, so its tokens can't have it.`, {
      extensions: { scope: lacking },
    });
  }
  refuseBlocked((await findBearer(db, userId)) ?? notFound('user'));
  const scopes = userScopes.filter((scope) => (asked.scopes ? asked.scopes.includes(scope) : hasScope(caller, scope)));
  const key = await findKey(db, caller.id);
  // A token's times are whole seconds, so it is rounded down to end before its key.
  const seconds = Math.floor(
    Math.min(Date.now() + asked.ttl_seconds * 1000, key?.expires_at?.getTime() ?? Infinity) / 1000,
  );
  const expiresAt = new Date(seconds * 1000);
  const token = signToken(installation.secret, { keyId: caller.id, userId, scopes, expiresAt });
  return { token, user_id: userId, scopes, expires_at: expiresAt };
}
