import type { Context } from '../../context.ts';
import { notFound, Problem } from '../../errors.ts';
import { type Caller, hasScope, refuseBlocked, type UserScope, userScopes } from '../../platform/http/caller.ts';
import { findBearer, findKey } from './store.ts';
import { signToken } from './token.ts';

export type AskedToken = { scopes?: readonly UserScope[] | undefined; ttl_seconds: number };
export type MintedToken = { token: string; user_id: string; scopes: UserScope[]; expires_at: Date };

/**
 * Mints a token by which a browser or web app reaches one user's rows only. It ends by its lifetime, or earlier with
 * its key or user.
 * @param caller the minting key, whose scopes limit the token
 * @throws Problem 404 when there is no such user; 403 `user-blocked`; 403 `missing-scope` for a scope that the key
 * lacks
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
  // The token's times are whole seconds, and its key may expire between them.
  const seconds = Math.floor(
    Math.min(Date.now() + asked.ttl_seconds * 1000, key?.expires_at?.getTime() ?? Infinity) / 1000,
  );
  const expiresAt = new Date(seconds * 1000);
  const token = signToken(installation.secret, { keyId: caller.id, userId, scopes, expiresAt });
  return { token, user_id: userId, scopes, expires_at: expiresAt };
}
