import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Context } from '../../context.ts';
import { FalError } from '../../fal/errors.ts';
import { PermanentFailure } from '../../fal-jobs/permanent-failure.ts';
import type { Artifact } from '../../platform/db/schema.ts';
import { withScratch } from '../../platform/storage/scratch.ts';
import { StorageError } from '../../platform/storage/storage.ts';
import { keepUpload, releaseClaim, renewClaim } from './store.ts';

type Needs = Pick<Context, 'db' | 'config' | 'fal' | 'storage'>;

/** Milliseconds after which others may take over an upload whose process is silent. */
export const claimMs = 60_000;
const renewMs = 15_000;

/**
 * Uploads the stored copy of a LoRA under a claim, and records its address.
 * @returns the address; null when the claim was lost meanwhile, by the deletion of the avatar or to another process
 * @throws PermanentFailure `lora-unavailable` when the copy is gone or damaged; FalError; StorageError
 */
export async function uploadClaimed(
  context: Needs,
  claimId: string,
  lora: Artifact,
  signal: AbortSignal,
): Promise<string | null> {
  const { db, config, fal } = context;
  let isSent = false;
  try {
    const url = await whileClaimed(db, claimId, signal, (both) =>
      withScratch('artifacts', async (folder) => {
        const path = join(folder, 'lora.safetensors');
        await copyChecked(context, lora, path, both);
        isSent = true;
        const file = {
          path,
          // Other bytes under an address would be hidden by fal's caches, so the name is that of the bytes.
          name: `${lora.sha256}.safetensors`,
          contentType: 'application/octet-stream',
          expiresInSeconds: config.loras.expirySeconds,
        };
        return (await fal.upload(file, both)).url;
      }),
    );
    return (await keepUpload(db, claimId, url)) ? url : null;
  } catch (error) {
    const refused = error instanceof FalError && error.code !== 'aborted';
    // A claim that can't be released ends by its time.
    await releaseClaim(db, claimId, isSent && !refused).catch(() => undefined);
    throw error;
  }
}

// Renews the claim as long as the work takes, and aborts it when the claim is lost.
async function whileClaimed<T>(
  db: Context['db'],
  claimId: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const timer = setInterval(() => {
    renewClaim(db, claimId, claimMs).then(
      (held) => held || lost.abort(),
      // The next renewal comes in time; else the claim is lost by its time.
      () => undefined,
    );
  }, renewMs);
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    clearInterval(timer);
  }
}

/** Copies a stored file to disk. @throws PermanentFailure when it is gone or other bytes than recorded; StorageError */
async function copyChecked(
  { storage }: Pick<Context, 'storage'>,
  { storage_key: key, sha256 }: Artifact,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash('sha256');
  try {
    await pipeline(
      await storage.stream(key),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(path),
      { signal },
    );
  } catch (error) {
    if (error instanceof StorageError && error.code === 'missing')
      throw unavailable('missing', 'The stored LoRA is gone.', { cause: error });
    throw error;
  }
  if (hash.digest('hex') !== sha256) {
    throw unavailable('damaged', 'The stored LoRA has other bytes than were recorded.');
  }
}

/** @param reason `missing` or `damaged` in the object store, or `deleted` with its avatar */
export function unavailable(
  reason: 'missing' | 'damaged' | 'deleted',
  message: string,
  options?: { cause: unknown },
): PermanentFailure {
  return new PermanentFailure('lora-unavailable', { reason }, message, options);
}
