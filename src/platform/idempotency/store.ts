import { and, eq, gt, type SQL, sql } from 'drizzle-orm';
import { tryAdvisoryLock } from '../db/advisory-lock.ts';
import type { Db } from '../db/client.ts';
import { idempotencyKeys } from '../db/schema.ts';
import { defineRetention } from '../jobs/retention.ts';

export type Kept = typeof idempotencyKeys.$inferSelect;
export type RequestName = Pick<Kept, 'caller' | 'key'>;

const keptHours = 24;

function named({ caller, key }: RequestName): SQL | undefined {
  return and(eq(idempotencyKeys.caller, caller), eq(idempotencyKeys.key, key));
}

export async function findKept(db: Db, name: RequestName): Promise<Kept | undefined> {
  const [row] = await db
    .select()
    .from(idempotencyKeys)
    .where(and(named(name), gt(idempotencyKeys.expires_at, sql`now()`)));
  return row;
}

/** @returns false when another transaction has claimed the request */
export async function tryLockRequest(tx: Db, { caller, key }: RequestName): Promise<boolean> {
  return tryAdvisoryLock(tx, `idempotency ${caller} ${key}`);
}

/** Stores a response for a day, replacing an expired one. */
export async function insertKept(tx: Db, kept: Omit<Kept, 'created_at' | 'expires_at'>): Promise<void> {
  await tx.delete(idempotencyKeys).where(named(kept));
  await tx.insert(idempotencyKeys).values({
    ...kept,
    created_at: sql`now()`,
    expires_at: sql`now() + ${keptHours} * interval '1 hour'`,
  });
}

/** Deletes expired answers. */
export const pruneIdempotencyKeysJob = defineRetention({
  name: 'idempotency.prune',
  table: idempotencyKeys,
  key: [idempotencyKeys.caller, idempotencyKeys.key],
  since: idempotencyKeys.expires_at,
  days: () => 0,
});
