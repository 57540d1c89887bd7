import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Context } from '../../context.ts';
import type { Artifact } from '../../platform/db/schema.ts';
import { Problem } from '../../errors.ts';
import { type Range, StorageError } from '../../platform/storage/storage.ts';
import type { ArtifactKind } from './schemas.ts';
import type { Training } from './store.ts';

const deletedDetail = 'The file was deleted with its avatar.';

/**
 * @returns one file of a training
 * @throws Problem 409 `artifact-unavailable` when it has none (yet), or its avatar was deleted
 */
export function artifactOf(training: Training, kind: ArtifactKind): Artifact {
  const artifact = training.artifacts?.[kind];
  if (training.avatar_id === null) throw new Problem('artifact-unavailable', deletedDetail);
  if (artifact) return artifact;
  throw new Problem('artifact-unavailable', `The training is ${training.status} and has no ${kind} file.`, {
    extensions: { training_id: training.id, training_status: training.status },
  });
}

/**
 * @param range a part of it; all of it when left out
 * @returns the stored file as a stream
 * @throws Problem 409 `artifact-unavailable` when its avatar, and with it the file, was deleted
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

/** What a link opens, until when (Unix time in seconds), and the key by which it was made. */
export type Link = { trainingId: string; kind: ArtifactKind; expires: number; keyId: string };

/** @returns an address at which a file can be had without a key, for fal or a browser, until it expires or its key is revoked */
export function signedArtifactUrl(
  { config, installation }: Pick<Context, 'config' | 'installation'>,
  link: Link,
): string {
  const { trainingId, kind, expires, keyId } = link;
  const signature = sign(installation.secret, link).toString('base64url');
  return `${config.publicUrl}/artifacts/${trainingId}/${kind}?expires=${expires}&key=${keyId}&signature=${signature}`;
}

/** @returns whether this installation has signed the link, and it has not expired; asks nobody */
export function isSignedLink({ installation }: Pick<Context, 'installation'>, link: Link, signature: string): boolean {
  const given = Buffer.from(signature, 'base64url');
  const expected = sign(installation.secret, link);
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
  return isOurs && link.expires * 1000 >= Date.now();
}

function sign(secret: Buffer, { trainingId, kind, expires, keyId }: Link): Buffer {
  return createHmac('sha256', secret).update(`artifact\n${trainingId}\n${kind}\n${expires}\n${keyId}`).digest();
}
