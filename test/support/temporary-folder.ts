import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const inMemory = '/dev/shm';
const leastFreeBytes = 2 * 1024 ** 3;
const project = resolve(import.meta.dirname, '../..');

/**
 * The folder of a test run, created when missing: in memory on Linux, if there is room for some sixty databases of
 * three hundred files. It also holds the cluster, which removes it at its end.
 */
export function temporaryFolder(): string {
  const name = `likeness-test-${createHash('sha256').update(project).digest('hex').slice(0, 8)}`;
  // All processes of a run must choose the same folder, also once it is full.
  const folder = join(existsSync(join(inMemory, name)) || hasRoom() ? inMemory : tmpdir(), name);
  // PostgreSQL refuses to run as root, and its user must be able to enter the folder.
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}

function hasRoom(): boolean {
  try {
    accessSync(inMemory, constants.W_OK);
    const { bavail, bsize } = statfsSync(inMemory);
    return bavail * bsize >= leastFreeBytes;
  } catch {
    return false;
  }
}
