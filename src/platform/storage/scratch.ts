import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { storageError } from './faults.ts';
import { withTimeout } from '../async/timeout.ts';

/** Process ids are valid on one host and in one container; folders of others are judged by age alone. */
const place = createHash('sha256').update(`${hostname()} ${pidNamespace()}`).digest('hex').slice(0, 8);
/** Distinguishes this process from an earlier one of equal id, such as the first process of each container. */
const incarnation = randomBytes(4).toString('hex');

const pattern = /^likeness-(?:photos|archive|artifacts|probe)-([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-\w+$/;
/** Longer than any upload, archive or download: an older folder has no owner. */
const abandonedMs = 24 * 3600 * 1000;

/**
 * Runs `work` with a private temporary folder and removes it afterwards. {@link removeAbandoned} removes what a killed
 * process leaves.
 * @param purpose what the folder will hold
 * @throws StorageError when no folder can be made; what `work` throws
 */
export async function withScratch<T>(
  purpose: 'photos' | 'archive' | 'artifacts' | 'probe',
  work: (folder: string) => Promise<T>,
): Promise<T> {
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

// More than a file system may store inline: it then needs a free block.
const probeBytes = 65_536;

/** Writes and removes a temporary file, as an upload does. Throws the file system's error, or an error after `ms`. */
export async function tryScratch(ms: number): Promise<void> {
  const wrote = withScratch('probe', (folder) => writeFile(join(folder, 'probe'), Buffer.alloc(probeBytes)));
  await withTimeout(ms, wrote, () => new Error(`nothing was written within ${ms / 1000} s`));
}

/**
 * Removes temporary folders of dead processes, which hold photos of faces. Folders of live processes are kept, as are
 * those of other hosts and containers until they are a day old.
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
  if (removed > 0) log.warn({ folders: removed }, 'temporary folders of dead processes were removed');
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
    // EPERM: the process runs under another account.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    // /proc exists on Linux only.
    return '';
  }
}
