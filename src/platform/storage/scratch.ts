import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { storageError } from './faults.ts';
import { within } from '../async/within.ts';

/** Process ids mean something on one machine and in one of its containers; folders of others are judged by age alone. */
const place = createHash('sha256').update(`${hostname()} ${pidNamespace()}`).digest('hex').slice(0, 8);
/** Tells this process from an earlier one that had its id, as the first process of every container has. */
const incarnation = randomBytes(4).toString('hex');

const pattern = /^likeness-(?:photos|archive|artifacts|probe)-([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-\w+$/;
/** No upload, archive or download lasts longer; a folder this old has no owner, wherever it was. */
const abandonedMs = 24 * 3600 * 1000;

/**
 * Runs `work` with a folder of its own for the system's temporary files, readable by this account alone, and removes it
 * afterwards. What a process that dies leaves is removed by {@link removeAbandoned}.
 * @param purpose what will lie in it
 * @throws StorageError when there can be no folder; what `work` throws
 */
export async function withScratch<T>(
  purpose: 'photos' | 'archive' | 'artifacts' | 'probe',
  work: (folder: string) => Promise<T>,
): Promise<T> {
  // mkdtemp makes folders of mode 0700.
  const prefix = `likeness-${purpose}-${place}-${process.pid}-${incarnation}-`;
  const folder = await mkdtemp(join(tmpdir(), prefix)).catch((error: unknown) => {
    throw storageError('making a temporary folder', error, { writing: true });
  });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// More than a file system may keep beside a file's name, where it has no block left for it.
const probeBytes = 65_536;

/**
 * Writes a temporary file and removes it, as each upload does. Throws the fault of the file system when it can't be done, or
 * an error when it takes longer than `ms`.
 */
export async function tryScratch(ms: number): Promise<void> {
  const wrote = withScratch('probe', (folder) => writeFile(join(folder, 'probe'), Buffer.alloc(probeBytes)));
  await within(ms, wrote, () => new Error(`nothing was written within ${ms / 1000} s`));
}

/**
 * Removes the temporary folders of processes that have died: photos of faces lie in them. A folder whose process runs is
 * left alone, and one made on another machine or in another container until it is a day old.
 * @returns how many were removed
 */
export async function removeAbandoned(log: Pick<FastifyBaseLogger, 'warn'>): Promise<number> {
  let removed = 0;
  for (const name of await readdir(tmpdir())) {
    const path = join(tmpdir(), name);
    try {
      if (!(await isAbandoned(name, path))) continue;
      await rm(path, { recursive: true, force: true });
      removed += 1;
    } catch (error) {
      log.warn({ err: error, folder: path }, 'an abandoned folder could not be removed');
    }
  }
  if (removed > 0) log.warn({ folders: removed }, 'temporary folders of processes that had died were removed');
  return removed;
}

async function isAbandoned(name: string, path: string): Promise<boolean> {
  const [, where, pid, owner] = pattern.exec(name) ?? [];
  if (where === undefined) return false;
  if (where === place) return owner !== incarnation && (Number(pid) === process.pid || !isAlive(Number(pid)));
  const age = await lstat(path).catch(() => null);
  return age !== null && age.mtimeMs < Date.now() - abandonedMs;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another account answers EPERM.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not a Linux.
    return '';
  }
}
