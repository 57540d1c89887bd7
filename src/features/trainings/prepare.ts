import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { Context } from '../../context.ts';
import type { Prepared } from '../../fal-jobs/kind.ts';
import { FalError } from '../../fal/errors.ts';
import { PermanentFailure } from '../../fal-jobs/permanent-failure.ts';
import { withScratch } from '../../platform/storage/scratch.ts';
import { trainerNamed } from '../trainers/registry.ts';
import { buildInput } from '../trainers/settings.ts';
import { type ArchivedPhoto, buildArchive, PhotoMissingError } from './archive.ts';
import { findManifestPhotos } from './manifest.ts';
import { uploadsCounter } from './metrics.ts';
import { countUpload, keepArchive, type Training, uncountUpload } from './store.ts';

type Needs = Pick<Context, 'db' | 'config' | 'fal' | 'storage' | 'metrics'>;

/**
 * Packs and uploads the photos of a training, unless an earlier try has done so. The URL of the archive is the marker
 * of the submission.
 * @returns null when the training has ended or moved on meanwhile
 * @throws PermanentFailure `photos-missing`; temporary errors: FalError, StorageError and others
 */
export async function prepareTraining(
  context: Needs,
  training: Training,
  signal: AbortSignal,
): Promise<Prepared | null> {
  try {
    const archive = archiveAtHand(context, training) ?? (await uploadArchive(context, training, signal));
    if (archive === null) return null;
    const { submissionId, url: marker } = archive;
    const trainer = trainerNamed(training.trainer);
    return { submissionId, marker, falInput: buildInput(trainer, training.training_type, training.settings, marker) };
  } catch (error) {
    if (!(error instanceof PhotoMissingError)) throw error;
    throw new PermanentFailure('photos-missing', { photo_id: error.photoId }, error.message, { cause: error });
  }
}

type Archive = { submissionId: string; url: string };

// Left by a try that failed between upload and POST; fal's input is stored with the intent of the POST.
function archiveAtHand(
  { config }: Needs,
  { archive_url: url, submission_id: submissionId, fal_input }: Training,
): Archive | null {
  if (url === null || submissionId === null || fal_input !== null) return null;
  const uploadedAt = Number.parseInt(submissionId.replace('-', '').slice(0, 12), 16);
  // fal fetches the archive when it starts the job, at the latest after the start timeout.
  const neededMs = config.fal.startTimeoutSeconds * 1000;
  return uploadedAt + config.fal.archiveExpirySeconds * 1000 - neededMs > Date.now() ? { url, submissionId } : null;
}

/** Maximum uploads per training, also when results cannot be recorded. */
const uploadsMax = 20;

async function uploadArchive(context: Needs, training: Training, signal: AbortSignal): Promise<Archive | null> {
  // A UUIDv7 holds the time of the upload, from which the expiry at fal follows.
  const submissionId = uuidv7();
  return withScratch('archive', async (folder) => {
    const path = join(folder, `${submissionId}.zip`);
    await buildArchive(context, await photosOf(context, training), path, signal);
    signal.throwIfAborted();
    const uploads = await countUpload(context.db, training.id);
    if (uploads === undefined) return null;
    if (uploads > uploadsMax) throw new Error(`The photos were sent to fal ${uploadsMax} times, each time in vain.`);
    const archive = {
      path,
      name: `${submissionId}.zip`,
      contentType: 'application/zip',
      expiresInSeconds: context.config.fal.archiveExpirySeconds,
    };
    uploadsCounter(context.metrics).inc();
    const { url } = await context.fal.upload(archive, signal).catch(async (error: unknown) => {
      if (error instanceof FalError && error.code !== 'aborted') await uncountUpload(context.db, training.id);
      throw error;
    });
    const kept = await keepArchive(context.db, training, { submissionId, url });
    return kept === 'preparing' ? { submissionId, url } : null;
  });
}

async function photosOf({ db }: Pick<Context, 'db'>, training: Training): Promise<ArchivedPhoto[]> {
  const photos = await findManifestPhotos(db, training.photo_manifest);
  return photos.map(({ id, sha256, photo }) => {
    if (!photo) throw new PhotoMissingError(id, 'is no longer there');
    return { id, sha256, key: photo.minio_key, extension: photo.format };
  });
}
