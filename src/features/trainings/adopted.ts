import { eq, sql } from 'drizzle-orm';
import type { Artifacts, avatars } from '../../platform/db/schema.ts';
import { trainings } from '../../platform/db/schema.ts';
import type { Tx } from '../../platform/db/transact.ts';
import { chooseTrainer } from '../trainers/registry.ts';
import { insertTraining, nextAttempt, trainingStore } from './store.ts';

type Avatar = typeof avatars.$inferSelect;

/**
 * Writes a training that the earlier system made as a succeeded one, now that its files are stored. Of what was sent to
 * fal it claims only the trigger phrase. The avatar's columns hold its result already and stay as they are. A LoRA was
 * made by a trainer that this version still has, since others gave no file.
 * @param avatar locked
 */
export async function insertAdoptedTraining(
  tx: Tx,
  avatar: Avatar,
  { id, artifacts, sandbox }: { id: string; artifacts: Artifacts; sandbox: boolean },
): Promise<void> {
  const now = new Date();
  const trainingType = avatar.training_type ?? 'portrait';
  const { name: trainer, endpoint } = chooseTrainer(trainingType, {});
  const begun = avatar.training_started_at ?? avatar.created_at;
  await insertTraining(tx, {
    id,
    avatar_id: avatar.id,
    user_id: avatar.user_id,
    attempt: await nextAttempt(tx, avatar.id),
    training_type: trainingType,
    trainer,
    endpoint,
    status: 'succeeded',
    fal_priority: avatar.fal_priority,
    settings: { trigger_phrase: avatar.trigger_phrase || avatar.trigger_word },
    photo_manifest: [],
    sandbox,
    estimated_cost_usd: 0,
    submissions: 0,
    webhook_url: avatar.webhook_url,
    fal_request_id: await freeRequestId(tx, avatar),
    progress: 100,
    logs: [],
    charged: 'unknown',
    artifacts,
    created_at: begun,
    updated_at: now,
    submitted_at: avatar.training_started_at,
    ended_at: avatar.training_completed_at ?? avatar.updated_at,
    last_status_check: avatar.last_status_check,
    checks: 0,
    deadline_at: now,
    adopted_at: now,
  });
  // Copied inside PostgreSQL, since a uint64 would not survive JavaScript.
  await trainingStore.update(tx, id, { result: sql`(select fal_response_data from avatars where id = ${avatar.id})` });
}

// The earlier system wrote one request id to several avatars at times.
async function freeRequestId(tx: Tx, { fal_request_id: requestId }: Avatar): Promise<string | null> {
  if (requestId === null) return null;
  const [taken] = await tx.select({ id: trainings.id }).from(trainings).where(eq(trainings.fal_request_id, requestId));
  return taken ? null : requestId;
}
