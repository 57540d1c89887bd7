import type { Readable } from 'node:stream';
import type { Context } from '../../context.ts';
import type { Artifact } from '../../platform/db/schema.ts';
import { Problem } from '../../errors.ts';
import { type Range, StorageError } from '../../platform/storage/storage.ts';
import type { ArtifactKind } from './schemas.ts';
import type { Training } from './store.ts';

const deletedDetail = 'The file was deleted with its avatar.';

/** @throws Problem 409 `artifact-unavailable` when there is none (yet), or the avatar was deleted */
export function artifactOf(training: Training, kind: ArtifactKind): Artifact {
  const artifact = training.artifacts?.[kind];
  if (training.avatar_id === null) throw new Problem('artifact-unavailable', deletedDetail);
  if (artifact) return artifact;
  throw new Problem('artifact-unavailable', `The training is ${training.status} and has no ${kind} file.`, {
    extensions: { training_id: training.id, training_status: training.status },
  });
}

/**
 * Streams a stored file. @param range all of it when omitted
 * @throws Problem 409 `artifact-unavailable` when the file was deleted with its avatar
 * @throws StorageError `unavailable`
 */
export async function openArtifact(
  { storage }: Pick<Context, 'storage'>,
  artifact: Artifact,
  range?: Range,
): Promise<Readable> {
  try {
    return await storage.stream(artifact.storage_key, range);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'missing') throw error;
    throw new Problem('artifact-unavailable', deletedDetail, { cause: error });
  }
}
