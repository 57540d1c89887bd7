import { and, desc, eq, inArray, isNotNull, notInArray, type SQL, sql } from 'drizzle-orm';
import { jobStore } from '../../fal-jobs/store.ts';
import type { Db } from '../../platform/db/client.ts';
import { terminalJobStatuses, trainings } from '../../platform/db/schema.ts';

export type Training = typeof trainings.$inferSelect;
export type NewTraining = typeof trainings.$inferInsert;
export type TrainingChanges = { [K in keyof NewTraining]?: NewTraining[K] | SQL };

export const trainingStore = jobStore<Training>('training');
export const findTraining = trainingStore.find;

export const isUnfinished = notInArray(trainings.status, [...terminalJobStatuses]);

export async function findUnfinished(db: Db, avatarId: string): Promise<Training | undefined> {
  const [training] = await db
    .select()
    .from(trainings)
    .where(and(eq(trainings.avatar_id, avatarId), isUnfinished));
  return training;
}

export async function insertTraining(db: Db, training: NewTraining): Promise<Training> {
  const [row] = await db.insert(trainings).values(training).returning();
  if (!row) throw new Error('insert … returning gave no row');
  return row;
}

/** The latest attempt of an avatar, and the latest that succeeded. */
export async function findProjected(db: Db, avatarId: string): Promise<{ latest?: Training; succeeded?: Training }> {
  const [latest] = await db
    .select()
    .from(trainings)
    .where(eq(trainings.avatar_id, avatarId))
    .orderBy(desc(trainings.attempt))
    .limit(1);
  if (!latest || latest.status === 'succeeded') return { latest, succeeded: latest };
  const [succeeded] = await db
    .select()
    .from(trainings)
    .where(and(eq(trainings.avatar_id, avatarId), eq(trainings.status, 'succeeded')))
    .orderBy(desc(trainings.attempt))
    .limit(1);
  return { latest, succeeded };
}

/** The avatar must be locked. */
export async function nextAttempt(db: Db, avatarId: string): Promise<number> {
  const [row] = await db
    .select({ attempt: sql<number>`coalesce(max(${trainings.attempt}), 0) + 1` })
    .from(trainings)
    .where(eq(trainings.avatar_id, avatarId));
  return row?.attempt ?? 1;
}

/**
 * Counts an upload of the archive before it begins, so that uploads with a lost outcome count.
 * @returns the count with this one; undefined when the training is no longer preparing
 */
export async function countUpload(db: Db, id: string): Promise<number | undefined> {
  const [row] = await db
    .update(trainings)
    .set({ uploads: sql`${trainings.uploads} + 1` })
    .where(and(eq(trainings.id, id), eq(trainings.status, 'preparing')))
    .returning({ uploads: trainings.uploads });
  return row?.uploads;
}

/** Reverts {@link countUpload} when fal did not take the upload. */
export async function uncountUpload(db: Db, id: string): Promise<void> {
  await db
    .update(trainings)
    .set({ uploads: sql`greatest(${trainings.uploads} - 1, 0)` })
    .where(eq(trainings.id, id));
}

/**
 * Records an uploaded archive that no submission has used, for the next try of the same training.
 * @returns the training's status; undefined when it was submitted, or its avatar deleted
 */
export async function keepArchive(
  db: Db,
  { id, submissions }: Pick<Training, 'id' | 'submissions'>,
  archive: { submissionId: string; url: string },
): Promise<Training['status'] | undefined> {
  const [row] = await db
    .update(trainings)
    .set({ submission_id: archive.submissionId, archive_url: archive.url, fal_input: null })
    .where(
      and(
        eq(trainings.id, id),
        eq(trainings.submissions, submissions),
        inArray(trainings.status, ['preparing', 'cancelled', 'failed']),
        isNotNull(trainings.avatar_id),
      ),
    )
    .returning({ status: trainings.status });
  return row?.status;
}
