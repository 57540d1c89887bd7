import type { Context } from '../context.ts';
import { Problem } from '../errors.ts';
import { type Caller, scopes } from '../http/caller.ts';
import { hashKey } from './secret.ts';
import { findKeyByHash, type StoredKey, touchKey } from './store.ts';

// Counted from before the lookup, so that no key is taken a second after it was revoked.
const keptMs = 900;
const keptMost = 10_000;
const touchedEveryMs = 60_000;

export type Authenticate = (authorization: string | undefined) => Promise<Caller>;

/**
 * @returns a function that tells who bears an Authorization header. Lookups are kept for less than a second, so that a
 * busy client costs one query a second and a revoked key stops to work on every instance.
 */
export function createAuthenticator({ db, log }: Pick<Context, 'db' | 'log'>): Authenticate {
  const lookups = new Map<string, { found: Promise<StoredKey | undefined>; until: number }>();
  const touched = new Map<string, number>();

  function lookUp(key: string): Promise<StoredKey | undefined> {
    const hash = hashKey(key);
    const name = hash.toString('base64');
    const now = performance.now();
    const kept = lookups.get(name);
    if (kept && kept.until > now) return kept.found;
    // Whoever sends keys at random fills the table; forgetting all of it costs each client one query.
    if (lookups.size >= keptMost) lookups.clear();
    const found = findKeyByHash(db, hash);
    lookups.set(name, { found, until: now + keptMs });
    found.catch(() => lookups.delete(name));
    return found;
  }

  // Off the request's path: nobody waits for it, and losing one is no harm.
  function touch({ id }: StoredKey): void {
    const now = performance.now();
    if (now - (touched.get(id) ?? -Infinity) < touchedEveryMs) return;
    touched.set(id, now);
    touchKey(db, id).catch((error: unknown) => log.debug({ err: error, key_id: id }, 'the last use was not noted'));
  }

  return async (authorization) => {
    const key = bearerOf(authorization);
    if (key === null) {
      throw unauthorized('This route needs an API key: send the header Authorization: Bearer lk_….');
    }
    const row = await lookUp(key);
    if (!row) throw unauthorized('The API key is not known.', 'invalid_token');
    if (row.revoked_at) throw unauthorized('The API key was revoked.', 'invalid_token');
    if (row.expires_at && row.expires_at.getTime() <= Date.now()) {
      throw unauthorized('The API key has expired.', 'invalid_token');
    }
    touch(row);
    const { id, name } = row;
    return { kind: 'key', id, name, scopes: scopes.filter((scope) => row.scopes.includes(scope)) };
  };
}

function bearerOf(authorization: string | undefined): string | null {
  return /^Bearer +([\x21-\x7e]{1,512}) *$/i.exec(authorization ?? '')?.[1] ?? null;
}

// RFC 6750 §3: a request without credentials is told the scheme, one with bad ones also the error.
function unauthorized(detail: string, error?: string): Problem {
  const challenge = `Bearer realm="likeness"${error ? `, error="${error}"` : ''}`;
  return new Problem('unauthorized', detail, { headers: { 'www-authenticate': challenge } });
}
