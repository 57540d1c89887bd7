import { and, inArray, notInArray } from 'drizzle-orm';
import type { Db } from '../../platform/db/client.ts';
import { terminalJobStatuses, trainings } from '../../platform/db/schema.ts';
import { Problem } from '../../errors.ts';

/**
 * Refuses a change of photos or avatars that are being trained. The avatars must be locked.
 * @param what the refused act, which ends the sentence "…: wait for its end, or cancel it, before"
 * @throws Problem 409 `training-running` naming the training
 */
export async function refuseWhileTraining(db: Db, avatarIds: readonly string[], what: string): Promise<void> {
  if (avatarIds.length === 0) return;
  const [running] = await db
    .select({ id: trainings.id, avatar_id: trainings.avatar_id, status: trainings.status })
    .from(trainings)
    .where(and(inArray(trainings.avatar_id, [...avatarIds]), notInArray(trainings.status, [...terminalJobStatuses])))
    .limit(1);
  if (!running) return;
  throw new Problem(
    'training-running',
    `A training is ${running.status}: wait for its end, or cancel it, before ${what}.`,
    { extensions: { training_id: running.id, training_status: running.status, avatar_id: running.avatar_id } },
  );
}
