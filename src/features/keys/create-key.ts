import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../../context.ts';
import type { Db } from '../../platform/db/client.ts';
import { Problem, type ProblemItem } from '../../errors.ts';
import { scopes } from '../../platform/http/caller.ts';
import { hashKey, makeKey } from './secret.ts';
import { insertKey, type ShownKey } from './store.ts';

export type NewKey = { name: string; scopes: readonly string[]; expiresAt?: Date | null };
export type MadeKey = ShownKey & { key: string };

/**
 * Creates a key, of which only a hash is stored.
 * @throws Problem 400 for a name of 0 or more than 100 characters, no or unknown scopes, an expiry in the past
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
  return addKey(db, { name, scopes: known, expiresAt });
}

export async function addKey(
  db: Db,
  {
    name,
    scopes: held,
    expiresAt,
    originId,
  }: { name: string; scopes: string[]; expiresAt: Date | null; originId?: string },
): Promise<MadeKey> {
  const { key, prefix } = makeKey();
  const id = uuidv7();
  const row: ShownKey = {
    id,
    name,
    prefix,
    scopes: held,
    created_at: new Date(),
    expires_at: expiresAt,
    last_used_at: null,
    revoked_at: null,
    replaced_by: null,
    origin_id: originId ?? id,
  };
  await insertKey(db, { ...row, key_hash: hashKey(key) });
  return { ...row, key };
}

function item(field: string, detail: string): ProblemItem {
  return { field: `/${field}`, code: 'invalid', detail };
}

function refuse(errors: ProblemItem[]): void {
  if (errors.length === 0) return;
  const sentences = errors.map(({ field, detail }) => `${field.slice(1)} ${detail}.`);
  throw new Problem('invalid-request', `${sentences.join(' ')} The scopes are ${scopes.join(', ')}.`, { errors });
}
