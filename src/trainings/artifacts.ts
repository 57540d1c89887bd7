import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Context } from '../context.ts';
import type { Artifact } from '../db/schema.ts';
import { notFound, Problem } from '../errors.ts';
import { StorageError } from '../storage/storage.ts';
import type { ArtifactKind } from './schemas.ts';
import type { Training } from './store.ts';

/**
 * @returns one file of a training
 * @throws Problem 409 `artifact-unavailable` when it has none (yet)
 */
export function artifactOf(training: Training, kind: ArtifactKind): Artifact {
  const artifact = training.artifacts?.[kind];
  if (artifact) return artifact;
  throw new Problem('artifact-unavailable', `The training is ${training.status} and has no ${kind} file.`, {
    extensions: { training_id: training.id, training_status: training.status },
  });
}

/**
 * @returns the stored file as a stream
 * @throws Problem 409 `artifact-unavailable` when its avatar, and with it the file, was deleted
 * @throws StorageError `unavailable`
 */
export async function openArtifact({ storage }: Pick<Context, 'storage'>, artifact: Artifact): Promise<Readable> {
  try {
    return await storage.stream(artifact.storage_key);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'missing') throw error;
    throw new Problem('artifact-unavailable', 'The file was deleted with its avatar.', { cause: error });
  }
}

/**
 * An address at which a file can be had without a key until it expires, for fal or a browser.
 * @param expires Unix time in seconds
 */
export function signedArtifactUrl(
  { config, installation }: Pick<Context, 'config' | 'installation'>,
  trainingId: string,
  kind: ArtifactKind,
  expires: number,
): string {
  const signature = sign(installation.secret, trainingId, kind, expires).toString('base64url');
  return `${config.publicUrl}/artifacts/${trainingId}/${kind}?expires=${expires}&signature=${signature}`;
}

/** @throws Problem 404 when the signature isn't ours or has expired: a stranger learns nothing from it */
export function checkSignedArtifact(
  { installation }: Pick<Context, 'installation'>,
  trainingId: string,
  kind: ArtifactKind,
  query: { expires: number; signature: string },
): void {
  const given = Buffer.from(query.signature, 'base64url');
  const expected = sign(installation.secret, trainingId, kind, query.expires);
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
  if (!isOurs || query.expires * 1000 < Date.now()) notFound('file');
}

function sign(secret: Buffer, trainingId: string, kind: ArtifactKind, expires: number): Buffer {
  return createHmac('sha256', secret).update(`artifact\n${trainingId}\n${kind}\n${expires}`).digest();
}
