import { and, desc, eq, inArray, isNotNull, isNull, notInArray, type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { noteLocks } from '../../platform/db/lock-order.ts';
import type { Tx } from '../../platform/db/transact.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { apiKeys, avatars, terminalTrainingStatuses, trainings } from '../../platform/db/schema.ts';

export type Training = typeof trainings.$inferSelect;
export type NewTraining = typeof trainings.$inferInsert;
export type TrainingChanges = { [K in keyof NewTraining]?: NewTraining[K] | SQL };
type Avatar = typeof avatars.$inferSelect;

export const isUnfinished = notInArray(trainings.status, [...terminalTrainingStatuses]);

export async function findTraining(db: Db, id: string, { userId }: Reach = {}): Promise<Training | undefined> {
  const [training] = await db
    .select()
    .from(trainings)
    .where(and(eq(trainings.id, id), userId ? eq(trainings.user_id, userId) : undefined));
  return training;
}

/** Whether a key exists and was not revoked; it may have expired. */
export async function isKeyUnrevoked(db: Db, id: string): Promise<boolean> {
  const [row] = await db
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(and(eq(apiKeys.id, id), isNull(apiKeys.revoked_at)));
  return row !== undefined;
}

export async function findTraceparent(db: Db, id: string): Promise<string | null> {
  const [row] = await db.select({ traceparent: trainings.traceparent }).from(trainings).where(eq(trainings.id, id));
  return row?.traceparent ?? null;
}

/**
 * Locks trainings, and before them the avatars of those in `withAvatar`, in the order of platform/db/lock-order.ts.
 * @returns the rows by id; without an avatar that was not requested, or was deleted
 */
export async function lockTrainings(
  tx: Tx,
  ids: readonly string[],
  withAvatar: readonly string[],
): Promise<Map<string, { row: Training; avatar: Avatar | null }>> {
  if (ids.length === 0) return new Map();
  const avatarsById = new Map((await lockAvatarsOf(tx, withAvatar)).map((avatar) => [avatar.id, avatar]));
  const ofThese = inArray(trainings.id, [...ids]);
  const rows = await tx.select().from(trainings).where(ofThese).orderBy(trainings.id).for('update');
  noteLocks(tx, 'training', idsOf(rows));
  return new Map(rows.map((row) => [row.id, { row, avatar: avatarsById.get(row.avatar_id ?? '') ?? null }]));
}

async function lockAvatarsOf(tx: Tx, ids: readonly string[]): Promise<Avatar[]> {
  if (ids.length === 0) return [];
  const owners = tx
    .select({ id: trainings.avatar_id })
    .from(trainings)
    .where(inArray(trainings.id, [...ids]));
  const locked = await tx.select().from(avatars).where(inArray(avatars.id, owners)).orderBy(avatars.id).for('update');
  noteLocks(tx, 'avatar', idsOf(locked));
  return locked;
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

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

export async function updateTraining(db: Db, id: string, changes: TrainingChanges): Promise<Training> {
  const [row] = await db.update(trainings).set(changes).where(eq(trainings.id, id)).returning();
  if (!row) throw new Error(`training ${id} went away under its lock`);
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
 * Claims due trainings for one check, oldest first. A claim postpones the next check, so that neither another worker
 * nor a crash skips or repeats it.
 * @param leases milliseconds until the next check if this one sets none: for checks at fal, and for others
 */
export async function claimDueTrainings(
  db: Db,
  limit: number,
  { lookMs, restMs }: { lookMs: number; restMs: number },
): Promise<Training[]> {
  const due = db
    .select({ id: trainings.id })
    .from(trainings)
    .where(sql`${trainings.next_check_at} <= now()`)
    .orderBy(trainings.next_check_at)
    .limit(limit)
    .for('update', { skipLocked: true });
  // An array is evaluated once; a subquery in a join may run again, and lock more rows than its limit.
  const ids = sql`array(${due})`;
  return db
    .update(trainings)
    .set({
      next_check_at: sql`now() + interval '1 millisecond'
        * case when ${trainings.status} in ('submitting', 'in_queue', 'in_progress') then ${lookMs}::int else ${restMs}::int end`,
      checks: sql`${trainings.checks} + 1`,
    })
    .where(sql`${trainings.id} = any(${ids})`)
    .returning();
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

/** Sets the time of the next check, null for never; changes nothing else. */
export async function setNextCheck(db: Db, id: string, at: Date | null): Promise<void> {
  await db.update(trainings).set({ next_check_at: at }).where(eq(trainings.id, id));
}

/** Moves the deadline of a training forward; an earlier one stays. */
export async function shortenDeadline(db: Db, id: string, at: Date): Promise<void> {
  await db
    .update(trainings)
    .set({ deadline_at: sql`least(${trainings.deadline_at}, ${at.toISOString()}::timestamptz)` })
    .where(eq(trainings.id, id));
}
