import type { Readable } from 'node:stream';
import type { Context } from '../context.ts';
import { Problem } from '../errors.ts';
import { StorageError } from '../storage/storage.ts';
import { formatNamed, formats } from './rules.ts';
import type { Photo } from './store.ts';

export type Content = {
  etag: string;
  headers: Record<string, string | number>;
  /** @throws Problem 404 when the store has lost the photo; StorageError when it can't be reached */
  open: () => Promise<Readable>;
};

/** @returns how the stored photo is served. What is stored under an id never changes, so its hash is its tag. */
export function openContent({ storage }: Pick<Context, 'storage'>, photo: Photo): Content {
  const { stored_sha256: sha256, stored_size: size } = photo.photo_metadata;
  const format = formatNamed(photo.format.toLowerCase());
  return {
    etag: `"${typeof sha256 === 'string' ? sha256 : photo.file_hash}"`,
    headers: {
      'content-type': format ? formats[format].contentType : 'application/octet-stream',
      ...(typeof size === 'number' && { 'content-length': size }),
    },
    async open() {
      try {
        return await storage.stream(photo.minio_key);
      } catch (error) {
        if (!(error instanceof StorageError) || error.code !== 'missing') throw error;
        throw new Problem('not-found', 'The file of this photo is no longer in the object store: delete the photo.', {
          cause: error,
        });
      }
    },
  };
}
