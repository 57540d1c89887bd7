import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../../context.ts';
import { notFound, Problem } from '../../errors.ts';
import { createJob } from '../../fal-jobs/create.ts';
import { refuseBeyondQueue } from '../../fal-jobs/queue-room.ts';
import { transact, type Tx } from '../../platform/db/transact.ts';
import { type Origin, type Reach, refuseBlocked } from '../../platform/http/caller.ts';
import { traceparent } from '../../platform/trace/trace.ts';
import { lockAvatar } from '../avatars/store.ts';
import { refuseBeyondImages } from '../images/quota.ts';
import { findUser, lockOwner } from '../users/store.ts';
import { generationKind } from './kind.ts';
import { type Asked, type Plan, planGeneration } from './plan.ts';
import { drawSeed } from './seed.ts';
import { findDuplicate, type Generation, insertGeneration } from './store.ts';

type Needs = Pick<Context, 'db' | 'config' | 'wakeups'>;

/** Where a generation comes from, besides its request. */
export type Ancestry = Partial<Pick<Generation, 'repeat_of' | 'batch_id' | 'pack' | 'pack_item'>>;

/** `isKeyed`: the request has an Idempotency-Key, so that one like it is another wish. */
export type Repetition = { fingerprint: Buffer; isKeyed: boolean };

/**
 * Starts a generation: checks avatar, prompt and settings under the avatar's lock, and writes generation and event in
 * one transaction. Nothing is sent to fal before the commit.
 * @throws Problem 403 `user-blocked`; 404; 409 `avatar-not-trained`, `lora-unavailable`, `duplicate-generation`, `quota-exceeded`; 422 for
 * prompt and settings; 429 `queue-full`, `submission-limit-reached`
 */
export async function startGeneration(
  context: Needs,
  avatarId: string,
  asked: Asked,
  repetition: Repetition,
  { requestId, ...reach }: Origin = {},
  ancestry: Ancestry = {},
): Promise<Generation> {
  return transact(context, async (tx) => {
    const plan = await planFor(tx, avatarId, asked, reach);
    refuseBlocked(await lockOwner(tx, plan.avatar.user_id));
    if (!repetition.isKeyed) await refuseDuplicate(tx, repetition.fingerprint);
    await refuseBeyondImages(tx, context.config, plan.avatar.user_id, plan.images.numImages);
    await refuseBeyondQueue(tx, context.config, generationKind, plan.avatar.user_id);
    return queueGeneration(tx, context, plan, { fingerprint: repetition.fingerprint, requestId, ...ancestry });
  });
}

/** Checks a generation as {@link startGeneration} does and returns what would be sent and its cost; writes nothing. */
export async function dryRun(
  { db }: Pick<Context, 'db'>,
  avatarId: string,
  asked: Asked,
  reach: Reach = {},
): Promise<Plan> {
  return transact({ db }, (tx) => planFor(tx, avatarId, asked, reach));
}

async function planFor(tx: Tx, avatarId: string, asked: Asked, reach: Reach): Promise<Plan> {
  const avatar = (await lockAvatar(tx, avatarId, reach)) ?? notFound('avatar');
  refuseBlocked(await findUser(tx, avatar.user_id));
  return planGeneration(tx, avatar, asked);
}

/** Seconds in which an equal request without Idempotency-Key is a second tap. */
const guardSeconds = 30;

/**
 * Generations of one avatar may run beside each other, so that nothing else would stop a double tap.
 * @throws Problem 409 `duplicate-generation`
 */
export async function refuseDuplicate(tx: Tx, fingerprint: Buffer): Promise<void> {
  const duplicate = await findDuplicate(tx, fingerprint, guardSeconds);
  if (!duplicate) return;
  const seconds = Math.max(0, Math.round((Date.now() - duplicate.created_at.getTime()) / 1000));
  throw new Problem(
    'duplicate-generation',
    `The same was asked ${seconds} s ago and is ${duplicate.status}: for another one, send an Idempotency-Key.`,
    {
      extensions: {
        generation_id: duplicate.id,
        generation_status: duplicate.status,
        ...(duplicate.batch_id !== null && { batch_id: duplicate.batch_id }),
      },
    },
  );
}

/** Writes a planned generation. The owner is locked, and the queue has room for it. */
export function queueGeneration(
  tx: Tx,
  { config }: Pick<Context, 'config'>,
  { avatar, training, lora, triggerPhrase, model, prompt, images, ...plan }: Plan,
  { fingerprint, requestId, ...ancestry }: { fingerprint: Buffer; requestId: string | undefined } & Ancestry,
): Promise<Generation> {
  return createJob(tx, { config }, generationKind, {
    avatar,
    requestId,
    insert: (columns) =>
      insertGeneration(tx, {
        ...columns,
        ...nothingYet,
        id: uuidv7(),
        avatar_id: avatar.id,
        user_id: avatar.user_id,
        training_id: training.id,
        repeat_of: ancestry.repeat_of ?? null,
        batch_id: ancestry.batch_id ?? null,
        pack: ancestry.pack ?? null,
        pack_item: ancestry.pack_item ?? null,
        model: model.name,
        endpoint: model.endpoint,
        fal_priority: plan.falPriority,
        sandbox: config.fal.mode === 'sandbox',
        estimated_cost_usd: plan.estimatedCostUsd,
        prompt: prompt.prompt,
        final_prompt: prompt.finalPrompt,
        trigger_phrase: triggerPhrase,
        trigger: prompt.trigger,
        preset: images.preset,
        aspect_ratio: images.aspectRatio,
        width: images.width,
        height: images.height,
        num_images: images.numImages,
        seed: images.seed ?? drawSeed(),
        settings: images.settings,
        warnings: plan.warnings,
        lora_sha256: lora.sha256,
        fingerprint,
        traceparent: traceparent(),
      }),
  });
}

/** Initial values of the columns that only generations have; inserts rely on no default. */
const nothingYet = { billed_units: null, images_ok: 0, erased_at: null };
