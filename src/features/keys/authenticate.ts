import type { Context } from '../../context.ts';
import { Problem } from '../../errors.ts';
import { type Caller, refuseBlocked, scopes } from '../../platform/http/caller.ts';
import { ttlCache } from '../../platform/async/ttl-cache.ts';
import { hashKey } from './secret.ts';
import { findKeyByHash, findMinter, type StoredKey, touchKey } from './store.ts';
import { isUserToken, readToken } from './token.ts';

// Below a second, counted from before the lookup: revocation takes effect within a second.
const keptMs = 900;
const keptMost = 10_000;
const touchedEveryMs = 60_000;

/**
 * Authenticates an Authorization header.
 * @param beforeLookup called before an unknown key is looked up in the database; its error is thrown
 * @throws Problem 401 `unauthorized`
 */
export type Authenticate = (authorization: string | undefined, beforeLookup?: () => Promise<void>) => Promise<Caller>;

/**
 * Creates an {@link Authenticate} that caches lookups for less than a second: a busy client costs one query a second,
 * and revoked keys, their tokens and tokens of deleted users end on every instance.
 */
export function createAuthenticator(context: Pick<Context, 'db' | 'log' | 'installation'>): Authenticate {
  const { db, log } = context;
  const times = { ttlMs: keptMs, most: keptMost };
  const keys = ttlCache((hash: string) => findKeyByHash(db, Buffer.from(hash, 'base64')), times);
  const minters = ttlCache((pair: string) => findMinter(db, ...splitPair(pair)), times);
  const touched = new Map<string, number>();
  const seenValid = new Set<string>();

  // Not awaited by requests; a lost update is harmless.
  function touch({ id }: StoredKey): void {
    const now = performance.now();
    if (now - (touched.get(id) ?? -Infinity) < touchedEveryMs) return;
    touched.set(id, now);
    touchKey(db, id).catch((error: unknown) =>
      log.debug({ err: error, key_id: id }, 'the last use of a key was not recorded'),
    );
  }

  function noteValid(hash: string): void {
    if (seenValid.has(hash)) return;
    const [oldest] = seenValid;
    if (seenValid.size >= keptMost && oldest !== undefined) seenValid.delete(oldest);
    seenValid.add(hash);
  }

  async function keyCaller(key: string, beforeLookup?: () => Promise<void>): Promise<Caller> {
    const hash = hashKey(key).toString('base64');
    if (!seenValid.has(hash)) await beforeLookup?.();
    const row = await keys(hash);
    if (!row) throw invalid('The API key is not known.');
    if (row.revoked_at) throw invalid('The API key was revoked.');
    if (hasPassed(row.expires_at)) throw invalid('The API key has expired.');
    noteValid(hash);
    touch(row);
    const { id, name, origin_id } = row;
    const held = scopes.filter((scope) => row.scopes.includes(scope));
    const credentials = { identity: `key ${origin_id}`, keyId: id, expiresAt: row.expires_at };
    return { kind: 'key', id, name, scopes: held, ...credentials };
  }

  async function userCaller(token: string): Promise<Caller> {
    const claims = readToken(context.installation.secret, token);
    if (!claims) throw invalid('The user token is not one of this service.');
    if (hasPassed(claims.expiresAt)) throw invalid('The user token has expired: have a new one minted.');
    const { keyId, userId, expiresAt } = claims;
    const minter = await minters(`${keyId} ${userId}`);
    if (!minter || minter.revoked_at || hasPassed(minter.expires_at)) {
      throw invalid('The API key that minted the user token has ended: have a new one minted.');
    }
    if (minter.is_blocked === null) throw invalid('The user of the token is no longer there.');
    refuseBlocked({ id: userId, is_blocked: minter.is_blocked });
    return { kind: 'user', id: userId, scopes: claims.scopes, identity: `user ${userId}`, keyId, expiresAt };
  }

  return async (authorization, beforeLookup) => {
    const credentials = bearerOf(authorization);
    if (credentials === null) {
      throw unauthorized('This route needs an API key: send the header Authorization: Bearer lk_….');
    }
    return isUserToken(credentials) ? userCaller(credentials) : keyCaller(credentials, beforeLookup);
  };
}

function splitPair(pair: string): [string, string] {
  const [keyId = '', userId = ''] = pair.split(' ');
  return [keyId, userId];
}

function hasPassed(time: Date | null): boolean {
  return time !== null && time.getTime() <= Date.now();
}

function bearerOf(authorization: string | undefined): string | null {
  return /^Bearer +([\x21-\x7e]{1,512}) *$/i.exec(authorization ?? '')?.[1] ?? null;
}

function invalid(detail: string): Problem {
  return unauthorized(detail, 'invalid_token');
}

// RFC 6750 §3: without credentials the challenge names no error.
function unauthorized(detail: string, error?: string): Problem {
  const challenge = `Bearer realm="likeness"${error ? `, error="${error}"` : ''}`;
  return new Problem('unauthorized', detail, { headers: { 'www-authenticate': challenge } });
}
