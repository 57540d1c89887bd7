import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { BootError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { withTimeout } from '../async/timeout.ts';
import { openDisk } from './disk.ts';
import type { Drive } from './drive.ts';
import { storageError } from './faults.ts';
import { checkKey, isPlainKey } from './keys.ts';
import { openS3 } from './s3.ts';
import { type Storage, StorageError } from './storage.ts';

const deletions = 8;
// Slowest accepted rate of a whole upload, whatever progress the store reports.
const slowestBytesPerMs = 1000;

/**
 * Opens the object store of STORAGE_URL; every operation has a time limit.
 * @param url file:///path, or s3://bucket/prefix?endpoint=…&region=…
 * @param timeoutMs how long the store may be silent
 * @throws BootError when the URL is malformed; StorageError `unavailable` when the folder cannot be used
 */
export async function createStorage(url: string, { timeoutMs = 15_000 } = {}): Promise<Storage> {
  const opening = open(new URL(url), timeoutMs);
  const drive = await withTimeout(limits.storeStart.ms, opening, () => silent(`opening ${url}`, limits.storeStart.ms));
  const { disk, prefix } = drive;

  async function reach<T>(
    doing: 'storing' | 'reading' | 'looking for' | 'deleting',
    key: string,
    act: (fullKey: string) => Promise<T>,
    limitMs = timeoutMs,
  ): Promise<T> {
    checkKey(key);
    try {
      return await withTimeout(limitMs, act(prefix + key), () => silent(`${doing} ${key}`, limitMs));
    } catch (error) {
      throw storageError(`${doing} ${key}`, error, { writing: doing === 'storing' });
    }
  }

  // S3 answers a deletion alike whether or not there was an object.
  async function deleteOne(key: string): Promise<boolean> {
    try {
      if (!(await reach('looking for', key, (full) => disk.exists(full)))) return false;
      await reach('deleting', key, (full) => disk.delete(full));
      return true;
    } catch (error) {
      if (error instanceof StorageError && error.code === 'missing') return false;
      throw error;
    }
  }

  return {
    description: drive.description,
    async putFile(key, path, contentType) {
      const size = await stat(path).then(
        (file) => file.size,
        () => 0,
      );
      const limitMs = timeoutMs + Math.ceil(size / slowestBytesPerMs);
      await reach('storing', key, (full) => drive.putFile(full, path, contentType), limitMs);
    },
    putBytes: (key, bytes, contentType) => reach('storing', key, (full) => drive.putBytes(full, bytes, contentType)),
    async stream(key, range) {
      const source = await reach('reading', key, (full) => drive.stream(full, range));
      return unlessSilent(source, timeoutMs, () => silent(`reading ${key}`, timeoutMs));
    },
    bytes: (key) => reach('reading', key, async (full) => Buffer.concat(await (await drive.stream(full)).toArray())),
    exists: (key) => reach('looking for', key, (full) => disk.exists(full)),
    async delete(keys) {
      const plain = keys.filter(isPlainKey);
      const absent: string[] = [];
      // One failed deletion does not stop the others.
      const faults: unknown[] = [];
      for (let start = 0; start < plain.length; start += deletions) {
        const ends = plain.slice(start, start + deletions).map(async (key) => {
          if (!(await deleteOne(key))) absent.push(key);
        });
        for (const end of await Promise.allSettled(ends)) if (end.status === 'rejected') faults.push(end.reason);
      }
      if (faults.length > 0) throw faults[0];
      return { absent, unusable: keys.filter((key) => !isPlainKey(key)) };
    },
  };
}

async function open(url: URL, timeoutMs: number): Promise<Drive> {
  if (url.protocol === 's3:') return openS3(url, timeoutMs);
  if (url.protocol !== 'file:') {
    throw new BootError('STORAGE_URL must begin with file:/// or s3://.');
  }
  try {
    return await openDisk(url);
  } catch (error) {
    throw storageError(`opening ${url.href}`, error, { writing: true });
  }
}

function silent(doing: string, ms: number): StorageError {
  return new StorageError('unavailable', `${doing} failed: the store gave no answer within ${ms / 1000} s`);
}

// The clock runs while the reader waits for the store, not while the store waits for the reader.
function unlessSilent(source: Readable, ms: number, late: () => Error): Readable {
  async function* read(): AsyncGenerator {
    const chunks = source[Symbol.asyncIterator]();
    for (;;) {
      const { value, done } = await withTimeout(ms, chunks.next(), late);
      if (done) return;
      yield value;
    }
  }
  return Readable.from(read(), { objectMode: false }).once('close', () => source.destroy());
}
