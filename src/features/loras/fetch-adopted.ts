import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../../context.ts';
import { FalError, type FalErrorCode } from '../../fal/errors.ts';
import type { Artifacts } from '../../platform/db/schema.ts';
import { transact } from '../../platform/db/transact.ts';
import { withScratch } from '../../platform/storage/scratch.ts';
import { lockAvatar } from '../avatars/store.ts';
import { publish } from '../events/publish.ts';
import { insertAdoptedTraining } from '../trainings/adopted.ts';
import { downloadConfig, downloadLora, keepArtifact } from '../trainings/fetch-artifacts.ts';
import { findProjected } from '../trainings/store.ts';
import type { Unfetched } from './adopted.ts';
import { keysOf, sweepAfterMs, sweepLoraJob } from './sweep.ts';

type Needs = Pick<Context, 'db' | 'config' | 'fal' | 'storage' | 'jobs' | 'wakeups' | 'installation'>;

/** Why weights could not be had: `unavailable` for now, `changed` because the avatar was trained or deleted meanwhile. */
export type NotFetched =
  | 'no-address'
  | 'gone'
  | 'forbidden-address'
  | 'too-large'
  | 'not-safetensors'
  | 'unusable-answer'
  | 'unavailable'
  | 'changed';

export type Fetched =
  | { fetched: true; trainingId: string; size: number; hasConfig: boolean }
  | { fetched: false; reason: NotFetched };

const reasons: Partial<Record<FalErrorCode, NotFetched>> = {
  gone: 'gone',
  forbidden_address: 'forbidden-address',
  too_large: 'too-large',
  invalid_safetensors: 'not-safetensors',
  invalid_answer: 'unusable-answer',
  unavailable: 'unavailable',
};

/**
 * Fetches the weights of an avatar that the earlier system completed, verifies and stores them, and writes its training
 * as a succeeded one, so that images can be made with the avatar.
 * @throws StorageError, and errors of the database
 */
export async function fetchAdopted(context: Needs, avatar: Unfetched, signal: AbortSignal): Promise<Fetched> {
  const { loraUrl, configUrl } = avatar;
  if (loraUrl === null) return { fetched: false, reason: 'no-address' };
  try {
    return await withScratch('artifacts', async (folder): Promise<Fetched> => {
      const lora = await downloadLora(context, loraUrl, folder, signal);
      const config = configUrl === null ? null : await configAt(context, configUrl, folder, signal);
      const trainingId = uuidv7();
      const isKept = await keep(context, avatar, trainingId, async () => ({
        lora: await keepArtifact(context, trainingId, lora),
        config: config && (await keepArtifact(context, trainingId, config)),
      }));
      if (!isKept) return { fetched: false, reason: 'changed' };
      return { fetched: true, trainingId, size: lora.size, hasConfig: config !== null };
    });
  } catch (error) {
    const reason = error instanceof FalError ? reasons[error.code] : undefined;
    if (reason === undefined) throw error;
    return { fetched: false, reason };
  }
}

// The weights work without their config.
async function configAt(context: Needs, url: string, folder: string, signal: AbortSignal) {
  try {
    return await downloadConfig(context, url, folder, signal);
  } catch (error) {
    if (error instanceof FalError && error.code !== 'unavailable' && error.code !== 'aborted') return null;
    throw error;
  }
}

/** @returns false when the avatar needs the weights no more */
async function keep(
  context: Needs,
  { avatarId }: Unfetched,
  trainingId: string,
  store: () => Promise<Artifacts>,
): Promise<boolean> {
  const { storage, jobs, fal } = context;
  await transact(context, (tx) =>
    jobs.enqueue(tx, sweepLoraJob, { training_id: trainingId }, { startAfter: new Date(Date.now() + sweepAfterMs) }),
  );
  const artifacts = await store();
  const isKept = await transact(context, async (tx) => {
    const avatar = await lockAvatar(tx, avatarId);
    if (avatar?.status !== 'completed') return false;
    const { succeeded } = await findProjected(tx, avatarId);
    if (succeeded) return false;
    await insertAdoptedTraining(tx, avatar, { id: trainingId, artifacts, sandbox: fal.mode === 'sandbox' });
    await publish(tx, {
      type: 'avatar.updated',
      user_id: avatar.user_id,
      avatar_id: avatarId,
      data: { changed: ['artifact_verified', 'latest_training_id'] },
    });
    return true;
  });
  if (!isKept) await storage.delete(keysOf(trainingId));
  return isKept;
}
