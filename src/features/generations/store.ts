import { and, eq, inArray, notInArray, sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { generations, terminalJobStatuses } from '../../platform/db/schema.ts';
import { jobStore } from '../../fal-jobs/store.ts';

export type Generation = typeof generations.$inferSelect;
export type NewGeneration = typeof generations.$inferInsert;

export const generationStore = jobStore<Generation>('generation');
export const { find: findGeneration } = generationStore;

export const isUnfinished = notInArray(generations.status, [...terminalJobStatuses]);

export async function insertGeneration(db: Db, generation: NewGeneration): Promise<Generation> {
  const [row] = await db.insert(generations).values(generation).returning();
  if (!row) throw new Error('insert … returning gave no row');
  return row;
}

/**
 * An unfinished generation that the same request has started.
 * @param seconds how long ago at most
 */
export async function findDuplicate(
  db: Db,
  fingerprint: Buffer,
  seconds: number,
): Promise<Pick<Generation, 'id' | 'batch_id' | 'status' | 'created_at'> | undefined> {
  const [row] = await db
    .select({
      id: generations.id,
      batch_id: generations.batch_id,
      status: generations.status,
      created_at: generations.created_at,
    })
    .from(generations)
    .where(
      and(
        eq(generations.fingerprint, fingerprint),
        // In the words of the index.
        sql`${generations.status} not in ('succeeded', 'failed', 'cancelled')`,
        sql`${generations.created_at} > now() - ${seconds} * interval '1 second'`,
      ),
    )
    .limit(1);
  return row;
}

/** The unfinished generations of avatars that are about to be deleted. The avatars must be locked. */
export async function findUnfinished(
  db: Db,
  avatarIds: readonly string[],
): Promise<Pick<Generation, 'id' | 'status' | 'avatar_id'> | undefined> {
  if (avatarIds.length === 0) return undefined;
  const [row] = await db
    .select({ id: generations.id, status: generations.status, avatar_id: generations.avatar_id })
    .from(generations)
    .where(and(inArray(generations.avatar_id, [...avatarIds]), isUnfinished))
    .limit(1);
  return row;
}
