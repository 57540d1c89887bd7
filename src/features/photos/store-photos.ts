import type { Context } from '../../context.ts';
import { transact } from '../../platform/db/transact.ts';
import { formats } from './rules.ts';
import type { Candidate } from './select.ts';
import { sweepAfterMs, sweepUploadJob } from './sweep.ts';

/**
 * Stores prepared photos. The sweep of objects without rows is enqueued first.
 * @throws StorageError when the store fails; objects stored before are removed
 */
export async function storePhotos(
  { db, jobs, storage, log }: Pick<Context, 'db' | 'jobs' | 'storage' | 'log'>,
  candidates: readonly Candidate[],
): Promise<void> {
  if (candidates.length === 0) return;
  const photos = candidates.map(({ id, key }) => ({ id, key }));
  const startAfter = new Date(Date.now() + sweepAfterMs);
  await transact({ db }, (tx) => jobs.enqueue(tx, sweepUploadJob, { photos }, { startAfter }));
  try {
    for (const { key, prepared } of candidates) {
      await storage.putFile(key, prepared.path, formats[prepared.format].contentType);
    }
  } catch (error) {
    await removeOrphans({ storage, log }, candidates);
    throw error;
  }
}

/** Removes the objects of photos without rows; the sweep retries what fails. */
export async function removeOrphans(
  { storage, log }: Pick<Context, 'storage' | 'log'>,
  orphans: readonly Candidate[],
): Promise<void> {
  await storage
    .delete(orphans.map(({ key }) => key))
    .catch((error: unknown) =>
      log.warn({ err: error }, 'photos without rows could not be deleted; a later sweep deletes them'),
    );
}
