import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readSettings } from '../config.ts';
import { BootError, notFound } from '../errors.ts';
import type { GenerationView } from '../features/generations/schemas.ts';
import { findGeneration } from '../features/generations/store.ts';
import { generationViews } from '../features/generations/view.ts';
import { type Image, imagesOf } from '../features/images/store.ts';
import type { Db } from '../platform/db/client.ts';
import { createStorage } from '../platform/storage/flydrive-storage.ts';
import { type Storage, StorageError } from '../platform/storage/storage.ts';
import { UsageError } from './command.ts';
import { defaultStorageUrl, developmentFolder } from './development/surroundings.ts';

export const outFlag = {
  out: { type: 'string', placeholder: 'DIR', description: 'save the images in this folder, from STORAGE_URL' },
} as const;

/** @throws Problem `not-found` */
export async function readGeneration(db: Db, id: string): Promise<{ view: GenerationView; images: Image[] }> {
  const generation = (await findGeneration(db, id)) ?? notFound('generation');
  const images = await imagesOf(db, [id]);
  const [view] = await generationViews(db, [generation], 'all');
  return { view: view ?? notFound('generation'), images };
}

/** Makes the folder of `--out`, before anything is waited for. @throws UsageError when it can't be one */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(
      `--out ${folder} can't be made a folder: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

/**
 * Saves the pictures of a generation as GENERATION-INDEX.jpg or .png, and says on standard error which files there are.
 * @returns the exit code: 1 when a picture is missing or damaged, or the store is away
 */
export async function saveImages(images: readonly Image[], folder: string): Promise<number> {
  const storage = await openStorage();
  let exitCode = 0;
  for (const image of images.filter(({ status }) => status === 'ok')) {
    try {
      process.stderr.write(`${await saveImage(storage, image, folder)}\n`);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      process.stderr.write(`Image ${image.index} was not saved: ${error.message}\n`);
      exitCode = 1;
    }
  }
  return exitCode;
}

/** @returns the path, below which nothing is ever incomplete. @throws StorageError */
async function saveImage(storage: Storage, image: Image, folder: string): Promise<string> {
  const { generation_id: generationId, index, storage_key: key, sha256, content_type: type } = image;
  if (key === null) throw new StorageError('missing', 'no file is recorded.');
  const path = join(folder, `${generationId}-${index}.${type === 'image/png' ? 'png' : 'jpg'}`);
  const hash = createHash('sha256');
  try {
    await pipeline(
      await storage.stream(key),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(`${path}.part`),
    );
    if (hash.digest('hex') !== sha256) throw new StorageError('missing', 'its file is not the one that was stored.');
    await rename(`${path}.part`, path);
    return path;
  } finally {
    await rm(`${path}.part`, { force: true });
  }
}

/** The store of STORAGE_URL, or outside production that of this clone. @throws BootError (78) in production without it */
async function openStorage(): Promise<Storage> {
  const { STORAGE_URL: url, NODE_ENV: environment, STORAGE_TIMEOUT_SECONDS: seconds } = readSettings(process.env);
  if (!url && environment === 'production') {
    throw new BootError('STORAGE_URL is not set: name the object store, as file:///path or s3://bucket/prefix.');
  }
  return createStorage(url || defaultStorageUrl(developmentFolder), { timeoutMs: seconds * 1000 });
}
