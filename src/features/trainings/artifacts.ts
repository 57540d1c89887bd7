import type { Readable } from 'node:stream';
import type { Context } from '../../context.ts';
import type { Artifact } from '../../platform/db/schema.ts';
import { Problem } from '../../errors.ts';
import { isSigned, sign } from '../../platform/http/signer.ts';
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

/** What a link gives access to, its expiry (Unix time in seconds), and the key that made it. */
export type Link = { trainingId: string; kind: ArtifactKind; expires: number; keyId: string };

/** A URL that serves a file without a key, for fal or a browser, until it expires or its key is revoked. */
export function signedArtifactUrl(
  { config, installation }: Pick<Context, 'config' | 'installation'>,
  link: Link,
): string {
  const { trainingId, kind, expires, keyId } = link;
  const signature = sign(installation.secret, 'artifact', messageOf(link)).toString('base64url');
  return `${config.publicUrl}/artifacts/${trainingId}/${kind}?expires=${expires}&key=${keyId}&signature=${signature}`;
}

/** Whether this installation signed the link and it has not expired; needs no query. */
export function isSignedLink({ installation }: Pick<Context, 'installation'>, link: Link, signature: string): boolean {
  const isOurs = isSigned(installation.secret, 'artifact', messageOf(link), Buffer.from(signature, 'base64url'));
  return isOurs && link.expires * 1000 >= Date.now();
}

function messageOf({ trainingId, kind, expires, keyId }: Link): string {
  return [trainingId, kind, expires, keyId].join('\n');
}
