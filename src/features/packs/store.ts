import { and, asc, eq, getTableColumns, gt, inArray, sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { noteLocks } from '../../platform/db/lock-order.ts';
import { packs } from '../../platform/db/schema.ts';
import type { Tx } from '../../platform/db/transact.ts';
import type { Sight } from './sight.ts';

export type Pack = typeof packs.$inferSelect;
export type PackSummary = Omit<Pack, 'items'> & { num_items: number; num_images: number };

export async function findPack(db: Db, name: string, sight: Sight = 'all'): Promise<Pack | undefined> {
  const [row] = await db
    .select()
    .from(packs)
    .where(and(eq(packs.name, name), seen(sight)));
  return row;
}

/** Of these names, those of public packs. */
export async function publicAmong(db: Db, names: readonly string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const rows = await db
    .select({ name: packs.name })
    .from(packs)
    .where(and(inArray(packs.name, [...names]), packs.public));
  return new Set(rows.map(({ name }) => name));
}

/**
 * Locks the pack of this name until the transaction ends; inserts `fresh` when there is none.
 * @returns the row, and whether it was inserted
 */
export async function lockOrInsert(tx: Tx, fresh: Pack): Promise<{ pack: Pack; created: boolean }> {
  noteLocks(tx, 'pack', [fresh.name]);
  const [row] = await tx
    .insert(packs)
    .values(fresh)
    // Changes nothing: it locks the row, whose insert may have been that of a concurrent request.
    .onConflictDoUpdate({ target: packs.name, set: { name: fresh.name } })
    .returning({ ...getTableColumns(packs), created: sql<boolean>`xmax = 0` });
  if (!row) throw new Error('insert … returning gave no row');
  const { created, ...pack } = row;
  return { pack, created };
}

export async function lockPack(tx: Tx, name: string): Promise<Pack | undefined> {
  noteLocks(tx, 'pack', [name]);
  const [row] = await tx.select().from(packs).where(eq(packs.name, name)).for('update');
  return row;
}

export async function updatePack(db: Db, name: string, changes: Partial<Pack>): Promise<Pack> {
  const [row] = await db.update(packs).set(changes).where(eq(packs.name, name)).returning();
  if (!row) throw new Error(`the pack ${name} is gone, and it was locked`);
  return row;
}

export async function deletePack(db: Db, name: string): Promise<void> {
  await db.delete(packs).where(eq(packs.name, name));
}

/** Packs by name, after a name. Their prompts stay in the database: a hundred packs can have megabytes of them. */
export async function listPacks(db: Db, after: string | null, limit: number, sight: Sight): Promise<PackSummary[]> {
  const { items, ...columns } = getTableColumns(packs);
  return db
    .select({
      ...columns,
      num_items: sql<number>`jsonb_array_length(${items})`,
      num_images: sql<number>`(
        select sum(coalesce((item ->> 'num_images')::int, 1))::int from jsonb_array_elements(${items}) as item
      )`,
    })
    .from(packs)
    .where(and(after === null ? undefined : gt(packs.name, after), seen(sight)))
    .orderBy(asc(packs.name))
    .limit(limit);
}

function seen(sight: Sight) {
  return sight === 'public' ? packs.public : undefined;
}
