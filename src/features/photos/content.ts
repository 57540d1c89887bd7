import type { Context } from '../../context.ts';
import { Problem } from '../../errors.ts';
import type { ServedFile } from '../../platform/http/file-answer.ts';
import { StorageError } from '../../platform/storage/storage.ts';
import { formatNamed, formats } from './rules.ts';
import type { Photo } from './store.ts';

/**
 * How a stored photo is served. Its content never changes, so its hash is the entity tag. Opening it throws Problem 404
 * when the store has lost the photo, and StorageError when the store cannot be reached.
 */
export function contentOf({ storage }: Pick<Context, 'storage'>, photo: Photo): ServedFile {
  const { stored_sha256: sha256, stored_size: size } = photo.photo_metadata;
  const format = formatNamed(photo.format.toLowerCase());
  return {
    etag: `"${typeof sha256 === 'string' ? sha256 : photo.file_hash}"`,
    size: typeof size === 'number' ? size : null,
    headers: { 'content-type': format ? formats[format].contentType : 'application/octet-stream' },
    async open(range) {
      try {
        return await storage.stream(photo.minio_key, range);
      } catch (error) {
        if (!(error instanceof StorageError) || error.code !== 'missing') throw error;
        throw new Problem('not-found', 'The file of this photo is no longer in the object store: delete the photo.', {
          cause: error,
        });
      }
    },
  };
}
