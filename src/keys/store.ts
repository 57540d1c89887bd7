import { and, desc, eq, getTableColumns, isNull, lt, or, sql } from 'drizzle-orm';
import type { Db } from '../db/client.ts';
import { apiKeys } from '../db/schema.ts';

export type StoredKey = typeof apiKeys.$inferSelect;
/** What may be shown of a key: never its hash. */
export type ShownKey = Omit<StoredKey, 'key_hash'>;

const { key_hash: _hash, ...shown } = getTableColumns(apiKeys);

/** Adds a key. */
export async function insertKey(db: Db, row: StoredKey): Promise<void> {
  await db.insert(apiKeys).values(row);
}

/** @returns the key with this hash, whether or not it still counts */
export async function findKeyByHash(db: Db, hash: Buffer): Promise<StoredKey | undefined> {
  const [row] = await db.select().from(apiKeys).where(eq(apiKeys.key_hash, hash));
  return row;
}

/** @returns all keys, newest first, revoked and expired ones too */
export async function listKeys(db: Db): Promise<ShownKey[]> {
  return db.select(shown).from(apiKeys).orderBy(desc(apiKeys.created_at), desc(apiKeys.id));
}

/**
 * Ends a key. Every instance refuses it within a second.
 * @returns false when there is no such key; a key that was revoked before keeps its time
 */
export async function revokeKey(db: Db, id: string): Promise<boolean> {
  const rows = await db
    .update(apiKeys)
    .set({ revoked_at: sql`coalesce(${apiKeys.revoked_at}, now())` })
    .where(eq(apiKeys.id, id))
    .returning({ id: apiKeys.id });
  return rows.length > 0;
}

/** Notes that a key was used, once a minute at most. */
export async function touchKey(db: Db, id: string): Promise<void> {
  const aMinuteAgo = sql`now() - interval '1 minute'`;
  await db
    .update(apiKeys)
    .set({ last_used_at: sql`now()` })
    .where(and(eq(apiKeys.id, id), or(isNull(apiKeys.last_used_at), lt(apiKeys.last_used_at, aMinuteAgo))));
}
