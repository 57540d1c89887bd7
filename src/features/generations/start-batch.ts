import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../../context.ts';
import { notFound, Problem } from '../../errors.ts';
import { refuseBeyondQueue } from '../../fal-jobs/queue-room.ts';
import { transact, type Tx } from '../../platform/db/transact.ts';
import { type Origin, type Reach, refuseBlocked } from '../../platform/http/caller.ts';
import { traceparent } from '../../platform/trace/trace.ts';
import { lockAvatar } from '../avatars/store.ts';
import { refuseBeyondImages } from '../images/quota.ts';
import { mostImages } from '../packs/schemas.ts';
import { findUser, lockOwner } from '../users/store.ts';
import { type Batch, insertBatch, millionths } from './batch-store.ts';
import { generationKind } from './kind.ts';
import type { Wish } from './pack.ts';
import { type Plan, planWith } from './plan.ts';
import { queueGeneration, refuseDuplicate, type Repetition } from './start.ts';
import { usedTraining } from './training.ts';

export type Planned = Pick<Wish, 'source'> & { plan: Plan };
export type BatchPlan = { avatar: Plan['avatar']; planned: Planned[]; images: number; estimatedCostUsd: number };

/**
 * Starts a batch: all its generations or none, in one transaction.
 * @param wishes in the order in which they are to be made
 * @throws Problem as startGeneration; 422 `invalid-setting` for too many images
 */
export async function startBatch(
  context: Pick<Context, 'db' | 'config' | 'wakeups'>,
  avatarId: string,
  wishes: readonly Wish[],
  { fingerprint, isKeyed }: Repetition,
  { requestId, ...reach }: Origin = {},
): Promise<Batch> {
  return transact(context, async (tx) => {
    const { avatar, planned, images, estimatedCostUsd } = await planIn(tx, avatarId, wishes, reach);
    const { user_id } = avatar;
    refuseBlocked(await lockOwner(tx, user_id));
    if (!isKeyed) await refuseDuplicate(tx, fingerprint);
    await refuseBeyondImages(tx, context.config, user_id, images);
    await refuseBeyondQueue(tx, context.config, generationKind, user_id, planned.length);
    const now = new Date();
    const batch = await insertBatch(tx, {
      id: uuidv7(),
      avatar_id: avatar.id,
      user_id,
      pack: wishes[0]?.source.pack ?? null,
      generations: planned.length,
      images,
      estimated_cost_usd: estimatedCostUsd,
      created_at: now,
      updated_at: now,
      cancel_requested_at: null,
      ended_at: null,
      traceparent: traceparent(),
    });
    for (const { plan, source } of planned) {
      await queueGeneration(tx, context, plan, { fingerprint, requestId, batch_id: batch.id, ...source });
    }
    return batch;
  });
}

/** Checks a batch as {@link startBatch} does, but for limits of the queue; writes nothing. */
export async function planBatch(
  { db }: Pick<Context, 'db'>,
  avatarId: string,
  wishes: readonly Wish[],
  reach: Reach = {},
): Promise<BatchPlan> {
  return transact({ db }, (tx) => planIn(tx, avatarId, wishes, reach));
}

async function planIn(tx: Tx, avatarId: string, wishes: readonly Wish[], reach: Reach): Promise<BatchPlan> {
  const avatar = (await lockAvatar(tx, avatarId, reach)) ?? notFound('avatar');
  refuseBlocked(await findUser(tx, avatar.user_id));
  const used = await usedTraining(tx, avatar, wishes[0]?.asked.training_id);
  const planned = wishes.map(({ asked, source }, index) => ({
    source,
    plan: named(source.pack_item, index, () => planWith(used, avatar, asked)),
  }));
  const images = planned.reduce((sum, { plan }) => sum + plan.images.numImages, 0);
  if (images > mostImages) throw tooMany(images);
  const estimatedCostUsd = millionths(planned.reduce((sum, { plan }) => sum + plan.estimatedCostUsd, 0));
  return { avatar, planned, images, estimatedCostUsd };
}

/** Names the prompt at fault: of all settings, prompts alone differ. */
function named<T>(packItem: string | null, index: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const field = packItem === null ? `/prompts/${index}` : '/pack';
    if (!error.errors.some((one) => one.field === '/prompt')) throw error;
    const errors = error.errors.map((one) => (one.field === '/prompt' ? { ...one, field } : one));
    const where = packItem ?? `prompts[${index}]`;
    throw new Problem(error.code, `${where}: ${error.message}`, { errors, extensions: error.extensions });
  }
}

function tooMany(images: number): Problem {
  const detail = `asks for ${images} images, and ${mostImages} are taken`;
  return new Problem('invalid-setting', `The batch ${detail}: make several.`, {
    errors: [{ field: '/num_images', code: 'too-many', detail }],
    extensions: { maximum: mostImages },
  });
}
