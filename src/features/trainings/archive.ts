import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { pipeline as connect, Transform } from 'node:stream';
import yazl from 'yazl';
import type { Context } from '../../context.ts';
import { StorageError } from '../../platform/storage/storage.ts';

export type ArchivedPhoto = { id: string; key: string; sha256: string | null; extension: string };

/** A photo is not in the store, or its content is not what the manifest says. */
export class PhotoMissingError extends Error {
  override name = 'PhotoMissingError';
  readonly photoId: string;
  constructor(photoId: string, reason: string, cause?: unknown) {
    super(`photo ${photoId} ${reason}`, { cause });
    this.photoId = photoId;
  }
}

// A fixed time, so that equal photos make byte-identical archives.
const mtime = new Date(Date.UTC(2000, 0, 1));

/**
 * Streams photos from the store into an uncompressed zip file, one at a time.
 * @throws PhotoMissingError when a photo is gone or has another content than the manifest says
 * @throws StorageError when the store cannot be reached
 */
export async function buildArchive(
  { storage }: Pick<Context, 'storage'>,
  photos: readonly ArchivedPhoto[],
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const zip = new yazl.ZipFile();
  const stopped = new AbortController();
  const writing = pipeline(zip.outputStream, createWriteStream(path), {
    signal: AbortSignal.any([signal, stopped.signal]),
  });
  const opened: Transform[] = [];
  // yazl does not notice a failing photo and would wait forever, so the first failure ends the writing.
  const failed = new Promise<never>((_, reject) => {
    zip.on('error', reject);
    photos.forEach((photo, index) => {
      const name = `photo_${String(index + 1).padStart(3, '0')}.${photo.extension}`;
      zip.addReadStreamLazy(name, { mtime, compress: false }, (ready) => {
        openPhoto(storage, photo).then(
          (stream) => {
            opened.push(stream);
            stream.on('error', reject);
            if (stopped.signal.aborted) stream.destroy();
            else ready(null, stream);
          },
          (error: unknown) => reject(error),
        );
      });
    });
  });
  zip.end();
  try {
    await Promise.race([writing, failed]);
  } catch (error) {
    stopped.abort();
    for (const stream of opened) stream.destroy();
    await writing.catch(() => {});
    throw error;
  }
}

async function openPhoto(storage: Context['storage'], photo: ArchivedPhoto): Promise<Transform> {
  const stream = await storage.stream(photo.key).catch((error: unknown) => {
    if (error instanceof StorageError && error.code === 'missing') {
      throw new PhotoMissingError(photo.id, 'is missing in the object store', error);
    }
    throw error;
  });
  const hash = createHash('sha256');
  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const same = photo.sha256 === null || hash.digest('hex') === photo.sha256;
      done(same ? null : new PhotoMissingError(photo.id, 'has another content than when the training was started'));
    },
  });
  // A failure of either stream destroys the other, so that no file stays open.
  return connect(stream, checked, () => undefined);
}
