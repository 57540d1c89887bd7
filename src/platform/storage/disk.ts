import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { constants, createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Disk } from 'flydrive';
import { FSDriver } from 'flydrive/drivers/fs';
import type { Drive } from './drive.ts';

// No key collides with this name: segments of keys never begin with a dot.
const incoming = '.incoming';
const abandonedMs = 24 * 3600 * 1000;

/**
 * Opens a folder as a store, creating it if needed. Unlike flydrive's own, writes are atomic and durable: staged on
 * the same disk, flushed, then renamed.
 * @param url file:///absolute/path
 */
export async function openDisk(url: URL): Promise<Drive> {
  const root = fileURLToPath(url);
  const staging = join(root, incoming);
  await makeFolder(staging);
  await removeAbandoned(staging);
  const disk = new Disk(new FSDriver({ location: root, visibility: 'private' }));

  // The staging folder is not created again: if the disk was unmounted, the write must fail instead of filling the
  // mount point.
  async function place(key: string, write: (path: string) => Promise<void>): Promise<void> {
    const path = join(staging, randomUUID());
    const target = join(root, key);
    try {
      await write(path);
      await chmod(path, 0o600);
      await flush(path);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await rename(path, target);
      await flush(dirname(target));
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  return {
    description: url.href,
    disk,
    prefix: '',
    putFile: (key, source) => place(key, (path) => copyFile(source, path, constants.COPYFILE_FICLONE)),
    putBytes: (key, bytes) => place(key, (path) => writeFile(path, bytes)),
    async stream(key, range) {
      const stream = createReadStream(join(root, key), range);
      // Opened now, so that a missing object is known before the response begins.
      await once(stream, 'open');
      return stream;
    },
  };
}

// Node's recursive mkdir never returns where a folder exists and nothing can be created in it, as in /proc.
async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

// Left by a crash; only old files are removed, since other processes may be writing.
async function removeAbandoned(staging: string): Promise<void> {
  const before = Date.now() - abandonedMs;
  for (const name of await readdir(staging)) {
    const path = join(staging, name);
    const age = await stat(path).catch(() => null);
    // What can't be removed must not keep the store from opening.
    if (age && age.mtimeMs < before) await rm(path, { force: true, recursive: true }).catch(() => undefined);
  }
}
