import { BootError } from '../config.ts';
import { openDisk } from './disk.ts';
import type { Drive } from './drive.ts';
import { storageError } from './faults.ts';
import { checkKey } from './keys.ts';
import { openS3 } from './s3.ts';
import { type Storage, StorageError } from './storage.ts';

// How many deletions run side by side.
const deletions = 8;

/**
 * Opens the object store that STORAGE_URL names.
 * @param url file:///path, or s3://bucket/prefix?endpoint=…&region=…
 * @throws BootError when the URL is malformed; StorageError `unavailable` when the folder can't be used
 */
export async function createStorage(url: string): Promise<Storage> {
  const drive = await open(new URL(url));
  const { disk, prefix } = drive;

  async function reach<T>(
    doing: 'storing' | 'reading' | 'looking for' | 'deleting',
    key: string,
    act: (fullKey: string) => Promise<T>,
  ): Promise<T> {
    checkKey(key);
    try {
      return await act(prefix + key);
    } catch (error) {
      throw storageError(`${doing} ${key}`, error, { writing: doing === 'storing' });
    }
  }

  return {
    description: drive.description,
    putFile: (key, path, contentType) => reach('storing', key, (full) => drive.putFile(full, path, contentType)),
    putBytes: (key, bytes, contentType) => reach('storing', key, (full) => drive.putBytes(full, bytes, contentType)),
    stream: (key) => reach('reading', key, (full) => drive.stream(full)),
    bytes: (key) => reach('reading', key, async (full) => Buffer.concat(await (await drive.stream(full)).toArray())),
    exists: (key) => reach('looking for', key, (full) => disk.exists(full)),
    async delete(keys) {
      for (let start = 0; start < keys.length; start += deletions) {
        const some = keys.slice(start, start + deletions);
        await Promise.all(some.map((key) => reach('deleting', key, (full) => disk.delete(full)).catch(unlessMissing)));
      }
    },
  };
}

async function open(url: URL): Promise<Drive> {
  if (url.protocol === 's3:') return openS3(url);
  if (url.protocol !== 'file:') {
    throw new BootError('STORAGE_URL must begin with file:/// or s3://.');
  }
  try {
    return await openDisk(url);
  } catch (error) {
    throw storageError(`opening ${url.href}`, error, { writing: true });
  }
}

function unlessMissing(error: unknown): void {
  if (!(error instanceof StorageError) || error.code !== 'missing') throw error;
}
