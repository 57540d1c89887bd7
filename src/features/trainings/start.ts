import { v7 as uuidv7 } from 'uuid';
import { lockAvatar } from '../avatars/store.ts';
import type { Context } from '../../context.ts';
import type { Db } from '../../platform/db/client.ts';
import { transact, type Tx } from '../../platform/db/transact.ts';
import type { FalPriority, PhotoManifest, TrainingType } from '../../platform/db/schema.ts';
import { notFound, Problem } from '../../errors.ts';
import { createJob } from '../../fal-jobs/create.ts';
import { refuseBeyondQueue } from '../../fal-jobs/queue-room.ts';
import { type Origin, type Reach, refuseBlocked } from '../../platform/http/caller.ts';
import { type AskedSettings, chooseTrainer } from '../trainers/registry.ts';
import { traceparent } from '../../platform/trace/trace.ts';
import { findUser, lockOwner } from '../users/store.ts';
import { estimateCost, type ResolvedSettings, resolveSettings } from '../trainers/settings.ts';
import type { PresetName, Trainer } from '../trainers/trainer.ts';
import { trainingKind } from './kind.ts';
import { findManifestPhotos, manifestOf } from './manifest.ts';
import { findUnfinished, insertTraining, nextAttempt, type Training } from './store.ts';

export type Asked = AskedSettings & { preset?: PresetName | undefined; fal_priority?: FalPriority | undefined };
type Needs = Pick<Context, 'db' | 'config' | 'wakeups'>;
type Avatar = NonNullable<Awaited<ReturnType<typeof lockAvatar>>>;

export type Plan = {
  trainer: Trainer;
  trainingType: TrainingType;
  settings: ResolvedSettings;
  manifest: PhotoManifest;
  falPriority: FalPriority;
  estimatedCostUsd: number;
  retryOf: string | null;
};

/**
 * Starts a training: checks avatar, settings and photos under the avatar's lock, and writes training, projection and
 * event in one transaction. Nothing is sent to fal before the commit.
 * @throws Problem 403 `user-blocked`; 404; 409 `training-running`, `too-few-photos`, `too-many-photos`; 422 for
 * settings; 429 `queue-full`, `submission-limit-reached`
 */
export async function startTraining(
  context: Needs,
  avatarId: string,
  asked: Asked,
  reach: Origin = {},
): Promise<Training> {
  return transact(context, async (tx) => {
    const avatar = await lockForTraining(tx, avatarId, reach);
    return queue(tx, context, avatar, await planTraining(tx, avatar, asked), reach.requestId);
  });
}

/** Checks a training as {@link startTraining} does and returns what would be sent and its cost; writes nothing. */
export async function dryRun(
  { db }: Pick<Context, 'db'>,
  avatarId: string,
  asked: Asked,
  reach: Reach = {},
): Promise<Plan> {
  return transact({ db }, async (tx) => planTraining(tx, await lockForTraining(tx, avatarId, reach), asked));
}

/**
 * Starts a training with the settings and photos of one that failed or was cancelled.
 * @throws Problem 404; 409 `invalid-state` for other states, `photos-changed` when photos are gone; 429 `queue-full`
 */
export async function retryTraining(context: Needs, training: Training, reach: Origin = {}): Promise<Training> {
  const { avatar_id: avatarId } = training;
  if (avatarId === null)
    throw new Problem('invalid-state', 'The avatar of this training was deleted: it has no photos to train.');
  if (training.status !== 'failed' && training.status !== 'cancelled') {
    throw new Problem(
      'invalid-state',
      `The training is ${training.status}: only failed and cancelled ones are retried.`,
      {
        extensions: { training_id: training.id, training_status: training.status },
      },
    );
  }
  return transact(context, async (tx) => {
    const avatar = await lockForTraining(tx, avatarId, reach);
    await checkPhotosRemain(tx, training);
    const asked = askedOf(training);
    const plan = await planTraining(tx, avatar, asked, training.photo_manifest);
    return queue(tx, context, avatar, { ...plan, retryOf: training.id }, reach.requestId);
  });
}

async function lockForTraining(tx: Tx, avatarId: string, reach: Reach): Promise<Avatar> {
  const avatar = (await lockAvatar(tx, avatarId, reach)) ?? notFound('avatar');
  refuseBlocked(await findUser(tx, avatar.user_id));
  const running = await findUnfinished(tx, avatarId);
  if (running) {
    throw new Problem(
      'training-running',
      `A training of this avatar is ${running.status}: wait for its end, or cancel it.`,
      {
        extensions: { training_id: running.id, training_status: running.status },
      },
    );
  }
  return avatar;
}

async function planTraining(tx: Db, avatar: Avatar, asked: Asked, photos?: PhotoManifest): Promise<Plan> {
  // The default of the earlier system.
  const trainingType = avatar.training_type ?? 'portrait';
  const trainer = chooseTrainer(trainingType, asked);
  const { settings } = resolveSettings(trainer, trainingType, asked, { defaultTriggerPhrase: avatar.trigger_word });
  const manifest = photos ?? (await manifestOf(tx, avatar.id));
  checkCount(manifest.length, trainer);
  return {
    trainer,
    trainingType,
    settings,
    manifest,
    falPriority: asked.fal_priority ?? avatar.fal_priority,
    estimatedCostUsd: estimateCost(trainer, settings),
    retryOf: null,
  };
}

function checkCount(count: number, { name, photos: { minimum, maximum } }: Trainer): void {
  const extensions = { photos_count: count, minimum, maximum };
  if (count < minimum) {
    throw new Problem(
      'too-few-photos',
      `The avatar has ${count} photos, and ${name} takes ${minimum} to ${maximum}: add ${minimum - count} more.`,
      { extensions },
    );
  }
  if (count > maximum) {
    throw new Problem(
      'too-many-photos',
      `The avatar has ${count} photos, and ${name} takes ${minimum} to ${maximum}: delete ${count - maximum}.`,
      { extensions },
    );
  }
}

async function checkPhotosRemain(tx: Db, training: Training): Promise<void> {
  const photos = await findManifestPhotos(tx, training.photo_manifest);
  const gone = photos.filter(({ photo }) => photo === null || photo.avatar_id !== training.avatar_id);
  if (gone.length === 0) return;
  throw new Problem(
    'photos-changed',
    `${gone.length} of the ${photos.length} photos of that training are gone: start a new training instead.`,
    {
      extensions: { missing_photo_ids: gone.map(({ id }) => id) },
    },
  );
}

function askedOf({ settings, fal_priority }: Training): Asked {
  return { ...settings, fal_priority };
}

async function queue(
  tx: Tx,
  { config }: Pick<Context, 'config'>,
  avatar: Avatar,
  plan: Plan,
  requestId?: string,
): Promise<Training> {
  refuseBlocked(await lockOwner(tx, avatar.user_id));
  await refuseBeyondQueue(tx, config, trainingKind, avatar.user_id);
  const attempt = await nextAttempt(tx, avatar.id);
  return createJob(tx, { config }, trainingKind, {
    avatar,
    requestId,
    insert: (columns) =>
      insertTraining(tx, {
        ...columns,
        ...nothingYet,
        id: uuidv7(),
        avatar_id: avatar.id,
        user_id: avatar.user_id,
        attempt,
        retry_of: plan.retryOf,
        training_type: plan.trainingType,
        trainer: plan.trainer.name,
        endpoint: plan.trainer.endpoint,
        fal_priority: plan.falPriority,
        settings: plan.settings,
        photo_manifest: plan.manifest,
        sandbox: config.fal.mode === 'sandbox',
        estimated_cost_usd: plan.estimatedCostUsd,
        traceparent: traceparent(),
      }),
  });
}

/** Initial values of the columns that only trainings have; inserts rely on no default. */
export const nothingYet = {
  uploads: 0,
  output_expires_at: null,
  archive_url: null,
  progress: 0,
  step: null,
  total_steps: null,
  loss: null,
  eta_seconds: null,
  logs: [],
  artifacts: null,
  adopted_at: null,
};
