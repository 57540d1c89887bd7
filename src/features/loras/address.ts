import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import type { Artifact } from '../../platform/db/schema.ts';
import type { Training } from '../trainings/store.ts';
import { signedLoraUrl } from './link.ts';
import { claimUpload, dropStale, findAddress, isOwned, keepOutput, wasDropped } from './store.ts';
import { claimMs, unavailable, uploadClaimed } from './upload.ts';

export { dropLora } from './store.ts';

type Needs = Pick<Context, 'db' | 'config' | 'fal' | 'storage' | 'installation'>;

/** Milliseconds between looks at an upload of another process, and most of them in all: jobs of others need the place. */
const lookMs = 250;
const waitMs = 2000;

/**
 * The address from which fal fetches the LoRA of a training; the same one as long as it lives, since fal caches weights
 * by address. It is fal's own output while that is known to live long enough, else our copy, uploaded once; or, where
 * the operator wants that, a signed link.
 * @returns the address, good for the start timeout of generations and an hour, and the digest of its bytes
 * @throws PermanentFailure `lora-unavailable` when there are no bytes any more; temporarily FalError, StorageError, and
 * TimeoutError while another process still uploads
 */
export async function loraAddress(
  context: Needs,
  training: Training,
  signal: AbortSignal,
): Promise<{ url: string; sha256: string }> {
  const lora = training.artifacts?.lora;
  // Erased files have an empty key.
  if (training.avatar_id === null || !lora?.storage_key) throw deleted();
  const { sha256 } = lora;
  if (context.config.loras.links === 'signed') return { url: signedLoraUrl(context, training.id), sha256 };
  const bound = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  for (;;) {
    const known = await findAddress(context.db, training.id, context.config.loras.neededMs);
    const url = known ?? (await provide(context, training, lora, signal));
    if (url !== null) return { url, sha256 };
    await pause(bound);
  }
}

/** @returns a new address; null when another process is uploading, or took over */
async function provide(
  context: Needs,
  training: Training,
  lora: Artifact,
  signal: AbortSignal,
): Promise<string | null> {
  const { db, config } = context;
  const { neededMs, expirySeconds } = config.loras;
  const { id: trainingId, output_expires_at: expiresAt, ended_at: endedAt } = training;
  const ours = { sha256: lora.sha256, trainingId };
  await dropStale(db, trainingId, neededMs);
  const livesLong = expiresAt !== null && expiresAt.getTime() > Date.now() + neededMs;
  if (livesLong && !(await wasDropped(db, trainingId, lora.url))) {
    await keepOutput(db, ours, { url: lora.url, madeAt: endedAt ?? new Date(), expiresAt });
    const url = await findAddress(db, trainingId, neededMs);
    if (url !== null) return url;
  }
  const claim = await claimUpload(db, ours, { claimMs, expiresMs: expirySeconds * 1000 });
  const url = claim && (await uploadClaimed(context, claim, lora, signal));
  if (url === null && !(await isOwned(db, trainingId))) throw deleted();
  return url;
}

async function pause(bound: AbortSignal): Promise<void> {
  await delay(lookMs, null, { signal: bound }).catch((error: unknown) => {
    throw bound.reason ?? error;
  });
}

function deleted(): Error {
  return unavailable('deleted', 'The LoRA was deleted with its avatar.');
}
