import { and, desc, eq } from 'drizzle-orm';
import { notFound, Problem } from '../../errors.ts';
import type { Db } from '../../platform/db/client.ts';
import { type avatars, trainings } from '../../platform/db/schema.ts';
import { findUnfinished, type Training } from '../trainings/store.ts';

type Avatar = typeof avatars.$inferSelect;

/** The training whose LoRA is used; `isNewest` is false when one that succeeded later is passed over. */
export type Used = { training: Training; lora: { sha256: string }; triggerPhrase: string; isNewest: boolean };

/**
 * The LoRA of an avatar: of the training that is named, or of the newest that succeeded.
 * @throws Problem 404 when another avatar has the training; 409 `avatar-not-trained`, `lora-unavailable`
 */
export async function usedTraining(db: Db, avatar: Avatar, trainingId?: string): Promise<Used> {
  const newest = await newestSucceeded(db, avatar.id);
  const training = trainingId === undefined ? newest : await ownTraining(db, avatar, trainingId);
  if (!training) throw await notTrained(db, avatar);
  const lora = training.artifacts?.lora;
  // Erased files have an empty key.
  if (!lora?.storage_key) throw unavailable(avatar, training.id);
  return { training, lora, triggerPhrase: phraseOf(training, avatar), isNewest: training.id === newest?.id };
}

async function newestSucceeded(db: Db, avatarId: string): Promise<Training | undefined> {
  const [training] = await db
    .select()
    .from(trainings)
    .where(and(eq(trainings.avatar_id, avatarId), eq(trainings.status, 'succeeded')))
    .orderBy(desc(trainings.attempt))
    .limit(1);
  return training;
}

async function ownTraining(db: Db, avatar: Avatar, id: string): Promise<Training> {
  const [training] = await db
    .select()
    .from(trainings)
    .where(and(eq(trainings.id, id), eq(trainings.avatar_id, avatar.id)));
  if (!training) notFound('training of this avatar');
  if (training.status === 'succeeded') return training;
  const hint = training.late_artifacts ? 'accept its late result first, or leave training_id out' : 'name another one';
  throw new Problem('avatar-not-trained', `That training is ${training.status}, so it has no LoRA: ${hint}.`, {
    extensions: { training_id: training.id, training_status: training.status },
  });
}

async function notTrained(db: Db, avatar: Avatar): Promise<Problem> {
  // Completed by the earlier system, whose weights were never stored here.
  if (avatar.training_completed_at !== null || avatar.diffusers_lora_file_url !== null)
    return unavailable(avatar, null);
  const running = await findUnfinished(db, avatar.id);
  if (!running) {
    return new Problem('avatar-not-trained', 'No training of this avatar has succeeded: start one first.', {
      extensions: { avatar_status: avatar.status, training_id: null },
    });
  }
  return new Problem(
    'avatar-not-trained',
    `No training of this avatar has succeeded yet: one is ${running.status}, so wait for its end.`,
    { extensions: { avatar_status: avatar.status, training_id: running.id, training_status: running.status } },
  );
}

function unavailable({ id }: Avatar, trainingId: string | null): Problem {
  return new Problem(
    'lora-unavailable',
    'The trained weights of this avatar are not stored here: train it again, or have the operator run `likeness loras fetch`.',
    { extensions: { avatar_id: id, training_id: trainingId } },
  );
}

// The avatar's own columns move with its newest training, and have defaults that were never trained.
function phraseOf({ settings }: Training, avatar: Avatar): string {
  const { trigger_phrase: phrase } = settings;
  return typeof phrase === 'string' && phrase !== '' ? phrase : (avatar.trigger_phrase ?? avatar.trigger_word);
}
