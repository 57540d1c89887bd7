import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { and, eq, isNull } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../../context.ts';
import { PermanentFailure } from '../../fal-jobs/permanent-failure.ts';
import type { Db } from '../../platform/db/client.ts';
import { falFiles } from '../../platform/db/schema.ts';
import type { Tx } from '../../platform/db/transact.ts';
import { withScratch } from '../../platform/storage/scratch.ts';
import { StorageError } from '../../platform/storage/storage.ts';
import type { Training } from '../trainings/store.ts';

type Needs = Pick<Context, 'db' | 'config' | 'fal' | 'storage'>;
type File = typeof falFiles.$inferSelect;
export type LoraAddress = { url: string; sha256: string };

const hour = 3_600_000;
/** Seconds for which fal keeps a LoRA that we upload. */
const uploadExpirySeconds = 30 * 86_400;

/**
 * The address from which fal fetches the LoRA of a training. It stays the same as long as it can, since fal's runners keep
 * weights by their whole address: fal's own output while it is known to live, else our copy, uploaded once.
 * @throws PermanentFailure `lora-unavailable` when the weights are not in the object store; FalError, StorageError
 */
export async function loraAddress(context: Needs, training: Training, signal: AbortSignal): Promise<LoraAddress> {
  const lora = training.artifacts?.lora;
  // Erased files have an empty key.
  if (!lora?.storage_key) throw unavailable(training);
  const { sha256 } = lora;
  const files = await context.db.select().from(falFiles).where(eq(falFiles.training_id, training.id));
  const neededUntil = new Date(Date.now() + context.config.generation.startTimeoutSeconds * 1000 + hour);
  const isOut = files.some(({ url, dropped_at }) => url === lora.url && dropped_at !== null);
  if (!isOut && training.output_expires_at !== null && training.output_expires_at > neededUntil) {
    return { url: lora.url, sha256 };
  }
  const known = files.find(({ dropped_at, expires_at }) => dropped_at === null && expires_at > neededUntil);
  if (known) return { url: known.url, sha256 };
  const url = await upload(context, training, { key: lora.storage_key, sha256 }, signal);
  await keepFile(context.db, { sha256, url, training_id: training.id });
  return { url, sha256 };
}

/** Notes that fal could not fetch a LoRA from an address: the next generation takes another way. */
export async function dropLora(
  tx: Tx,
  { sha256, url, trainingId }: { sha256: string; url: string; trainingId: string },
) {
  const now = new Date();
  const dropped = await tx
    .update(falFiles)
    .set({ dropped_at: now })
    .where(and(isUsed(sha256), eq(falFiles.url, url)))
    .returning({ id: falFiles.id });
  if (dropped.length > 0) return;
  const file = { id: uuidv7(), purpose: 'lora' as const, sha256, url, training_id: trainingId };
  await tx.insert(falFiles).values({ ...file, uploaded_at: now, expires_at: now, dropped_at: now });
}

function isUsed(sha256: string) {
  return and(eq(falFiles.purpose, 'lora'), eq(falFiles.sha256, sha256), isNull(falFiles.dropped_at));
}

async function keepFile(db: Db, file: Pick<File, 'sha256' | 'url' | 'training_id'>): Promise<void> {
  const now = Date.now();
  const times = { uploaded_at: new Date(now), expires_at: new Date(now + uploadExpirySeconds * 1000) };
  await db
    .insert(falFiles)
    .values({ id: uuidv7(), purpose: 'lora', ...file, ...times, dropped_at: null })
    .onConflictDoUpdate({
      target: [falFiles.purpose, falFiles.sha256],
      targetWhere: isNull(falFiles.dropped_at),
      set: { url: file.url, training_id: file.training_id, ...times },
    });
}

async function upload(
  { storage, fal }: Needs,
  training: Training,
  { key, sha256 }: { key: string; sha256: string },
  signal: AbortSignal,
): Promise<string> {
  return withScratch('artifacts', async (folder) => {
    const path = join(folder, `${sha256}.safetensors`);
    const hash = createHash('sha256');
    try {
      await pipeline(
        await storage.stream(key),
        async function* hashed(chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(path),
        { signal },
      );
    } catch (error) {
      if (error instanceof StorageError && error.code === 'missing') throw unavailable(training, error);
      throw error;
    }
    if (hash.digest('hex') !== sha256) throw unavailable(training);
    const file = { path, name: `${sha256}.safetensors`, contentType: 'application/octet-stream' };
    return (await fal.upload({ ...file, expiresInSeconds: uploadExpirySeconds }, signal)).url;
  });
}

function unavailable({ id }: Training, cause?: unknown): PermanentFailure {
  return new PermanentFailure('lora-unavailable', { training_id: id }, 'The weights of the training are not stored.', {
    cause,
  });
}
