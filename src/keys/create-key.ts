import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../context.ts';
import { Problem, type ProblemItem } from '../errors.ts';
import { type Scope, scopes } from '../http/caller.ts';
import { hashKey, makeKey } from './secret.ts';
import { insertKey } from './store.ts';

export type NewKey = { name: string; scopes: readonly string[]; expiresAt?: Date | null };
export type MadeKey = { id: string; name: string; scopes: Scope[]; expires_at: Date | null; key: string };

/**
 * Makes a key.
 * @returns the key itself, once: only its hash is kept
 * @throws Problem 400 for a name of no or more than 100 characters, no or unknown scopes, an expiry that has passed
 */
export async function createKey({ db }: Pick<Context, 'db'>, asked: NewKey): Promise<MadeKey> {
  const name = asked.name.trim();
  const known = scopes.filter((scope) => asked.scopes.includes(scope));
  const unknown = asked.scopes.filter((scope) => !scopes.some((one) => one === scope));
  const expiresAt = asked.expiresAt ?? null;
  refuse([
    ...(name.length === 0 || name.length > 100 ? [item('name', 'must have 1 to 100 characters')] : []),
    ...(unknown.length > 0 ? [item('scopes', `has the unknown scope ${unknown.join(', ')}`)] : []),
    ...(asked.scopes.length === 0 ? [item('scopes', 'must name one scope at least')] : []),
    ...(expiresAt && expiresAt.getTime() <= Date.now() ? [item('expires_at', 'has passed')] : []),
  ]);
  const { key, prefix } = makeKey();
  const id = uuidv7();
  await insertKey(db, {
    id,
    name,
    prefix,
    key_hash: hashKey(key),
    scopes: known,
    created_at: new Date(),
    expires_at: expiresAt,
    last_used_at: null,
    revoked_at: null,
    replaced_by: null,
    origin_id: id,
  });
  return { id, name, scopes: known, expires_at: expiresAt, key };
}

function item(field: string, detail: string): ProblemItem {
  return { field: `/${field}`, code: 'invalid', detail };
}

function refuse(errors: ProblemItem[]): void {
  if (errors.length === 0) return;
  const sentences = errors.map(({ field, detail }) => `${field.slice(1)} ${detail}.`);
  throw new Problem('invalid-request', `${sentences.join(' ')} The scopes are ${scopes.join(', ')}.`, { errors });
}
