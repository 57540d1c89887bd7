import { and, desc, eq, getTableColumns, isNull, lt, or, type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { isUser } from '../../platform/db/is-user.ts';
import { noteLocks } from '../../platform/db/lock-order.ts';
import type { Tx } from '../../platform/db/transact.ts';
import { apiKeys } from '../../platform/db/schema.ts';

export type StoredKey = typeof apiKeys.$inferSelect;
export type ShownKey = Omit<StoredKey, 'key_hash'>;

const { key_hash: _hash, ...shown } = getTableColumns(apiKeys);

export async function insertKey(db: Db, row: StoredKey): Promise<void> {
  await db.insert(apiKeys).values(row);
}

/** @returns the key, valid or not */
export async function findKeyByHash(db: Db, hash: Buffer): Promise<StoredKey | undefined> {
  const [row] = await db.select().from(apiKeys).where(eq(apiKeys.key_hash, hash));
  return row;
}

/** @returns the key, valid or not */
export async function findKey(db: Db, id: string): Promise<ShownKey | undefined> {
  const [row] = await db.select(shown).from(apiKeys).where(eq(apiKeys.id, id));
  return row;
}

/** Locks a key until the transaction ends. @returns the key, valid or not */
export async function lockKey(tx: Tx, id: string): Promise<ShownKey | undefined> {
  noteLocks(tx, 'key', [id]);
  const [row] = await tx.select(shown).from(apiKeys).where(eq(apiKeys.id, id)).for('update');
  return row;
}

/** @returns the minting key of a user token, and whether its user exists and is blocked; null for what was deleted */
export async function findMinter(
  db: Db,
  id: string,
  userId: string,
): Promise<(Pick<StoredKey, 'revoked_at' | 'expires_at'> & { is_blocked: boolean | null }) | undefined> {
  const [row] = await db
    .select({
      revoked_at: apiKeys.revoked_at,
      expires_at: apiKeys.expires_at,
      is_blocked: sql<boolean | null>`(select is_blocked from users where id = ${userId}::uuid and ${isUser})`,
    })
    .from(apiKeys)
    .where(eq(apiKeys.id, id));
  return row;
}

export async function findBearer(db: Db, id: string): Promise<{ id: string; is_blocked: boolean } | undefined> {
  const { rows } = await db.execute<{ id: string; is_blocked: boolean }>(
    sql`select id, is_blocked from users where id = ${id}::uuid and ${isUser}`,
  );
  return rows[0];
}

/** Keys, newest first, with revoked and expired ones, and a sort key to the microsecond. */
export async function findKeys(
  db: Db,
  { after, limit }: { after: { createdAt: string; id: string } | null; limit: number },
): Promise<{ key: ShownKey; position: string }[]> {
  const beyond: SQL | undefined =
    after === null
      ? undefined
      : sql`(${apiKeys.created_at}, ${apiKeys.id}) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`;
  return db
    .select({ key: shown, position: sql<string>`${apiKeys.created_at}::text` })
    .from(apiKeys)
    .where(beyond)
    .orderBy(desc(apiKeys.created_at), desc(apiKeys.id))
    .limit(limit);
}

export async function countKeys(db: Db): Promise<number> {
  return db.$count(apiKeys);
}

/**
 * Revokes a key and its user tokens, on every instance within a second. An earlier revocation keeps its time.
 * @returns undefined when there is no such key
 */
export async function revokeKey(db: Db, id: string): Promise<ShownKey | undefined> {
  const [row] = await db
    .update(apiKeys)
    .set({ revoked_at: sql`coalesce(${apiKeys.revoked_at}, now())` })
    .where(eq(apiKeys.id, id))
    .returning(shown);
  return row;
}

export async function replaceKey(db: Db, id: string, replacedBy: string, endsAt: Date): Promise<void> {
  await db
    .update(apiKeys)
    .set({
      replaced_by: replacedBy,
      expires_at: sql`least(${apiKeys.expires_at}, ${endsAt.toISOString()}::timestamptz)`,
    })
    .where(eq(apiKeys.id, id));
}

/** Records the use of a key, at most once a minute. */
export async function touchKey(db: Db, id: string): Promise<void> {
  const aMinuteAgo = sql`now() - interval '1 minute'`;
  await db
    .update(apiKeys)
    .set({ last_used_at: sql`now()` })
    .where(and(eq(apiKeys.id, id), or(isNull(apiKeys.last_used_at), lt(apiKeys.last_used_at, aMinuteAgo))));
}
