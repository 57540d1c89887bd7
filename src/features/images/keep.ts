import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import type { StoredImage } from '../../platform/db/schema.ts';
import { storageError } from '../../platform/storage/faults.ts';
import type { Seen } from './look.ts';
import { mark } from './mark.ts';
import { formats } from './rules.ts';

/**
 * Stores a picture and its thumbnail under keys of generation and index.
 * @param folder for a copy
 * @returns its row, with the hashes of the stored bytes and of those that fal gave
 * @throws StorageError
 */
export async function keep(
  { storage }: Pick<Context, 'storage'>,
  { id, index, folder, xmp }: { id: string; index: number; folder: string; xmp: string },
  { bytes, sha256, seen }: { bytes: Buffer; sha256: string; seen: Seen },
): Promise<StoredImage> {
  const { contentType, extension } = formats[seen.format];
  const stored = await mark(bytes, seen, xmp);
  const [storageKey, thumbnailKey] = [
    `generations/${id}/${index}.${extension}`,
    `generations/${id}/${index}.thumb.webp`,
  ];
  const path = join(folder, `${index}.${extension}`);
  await writeFile(path, stored).catch((error: unknown) => {
    throw storageError('preparing an image', error, { writing: true });
  });
  await storage.putFile(storageKey, path, contentType);
  await storage.putBytes(thumbnailKey, seen.thumbnail, 'image/webp');
  return {
    index,
    status: 'ok',
    width: seen.width,
    height: seen.height,
    content_type: contentType,
    size: stored.length,
    sha256: await sha256Of(stored),
    source_sha256: sha256,
    storage_key: storageKey,
    thumbnail_key: thumbnailKey,
  };
}

// Outside the event loop, which node:crypto's hashes are not.
async function sha256Of(bytes: Buffer): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))).toString('hex');
}
