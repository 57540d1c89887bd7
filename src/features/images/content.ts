import type { Readable } from 'node:stream';
import type { Context } from '../../context.ts';
import { Problem } from '../../errors.ts';
import type { ServedFile } from '../../platform/http/file-answer.ts';
import { type Range, StorageError } from '../../platform/storage/storage.ts';
import { formats } from './rules.ts';
import type { ImageFile } from './schemas.ts';
import type { Image } from './store.ts';

/** An image of which a picture is stored. */
export type Picture = Image & { storage_key: string; sha256: string };

/** @throws Problem 409 `image-flagged`, `image-unavailable` for an image without a picture */
export function refuseWithoutPicture(image: Image): asserts image is Picture {
  if (image.status === 'flagged') {
    throw new Problem(
      'image-flagged',
      'The safety checker of fal gave no picture: repeat the generation with another seed, or another prompt.',
    );
  }
  if (image.status === 'lost' || image.storage_key === null || image.sha256 === null) {
    throw new Problem('image-unavailable', 'What fal made could not be used, so that no picture is stored.');
  }
}

/**
 * How the picture of an image, or its thumbnail, is served. Neither ever changes. Opening it throws Problem 409
 * `image-unavailable` when the store has lost the file, and StorageError when the store cannot be reached.
 */
export function fileOf({ storage }: Pick<Context, 'storage'>, image: Picture, file: ImageFile): ServedFile {
  const { id, sha256, size, content_type } = image;
  const isThumbnail = file === 'thumbnail';
  const type = isThumbnail ? 'image/webp' : (content_type ?? 'application/octet-stream');
  const extension = isThumbnail ? 'webp' : type === formats.png.contentType ? 'png' : 'jpg';
  const key = isThumbnail ? image.thumbnail_key : image.storage_key;
  return {
    etag: isThumbnail ? `"${sha256}-thumbnail"` : `"${sha256}"`,
    size: isThumbnail ? null : size,
    headers: {
      'content-type': type,
      'content-disposition': `inline; filename="${id}.${extension}"`,
      'x-content-type-options': 'nosniff',
    },
    open: (range) => openPicture({ storage }, key, range),
  };
}

async function openPicture(
  { storage }: Pick<Context, 'storage'>,
  key: string | null,
  range?: Range,
): Promise<Readable> {
  try {
    if (key !== null) return await storage.stream(key, range);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'missing') throw error;
  }
  throw new Problem('image-unavailable', 'The file of this image is no longer in the object store.');
}
