import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const inMemory = '/dev/shm';
const leastFreeBytes = 2 * 1024 ** 3;
const project = resolve(import.meta.dirname, '../..');

/**
 * The folder that a run of the tests keeps its files in, made when it is missing: on Linux in memory where that has
 * room, which containers seldom give it, for each of some sixty databases has three hundred files. The cluster is
 * there too, and who ends it takes the folder away.
 */
export function temporaryFolder(): string {
  const name = `likeness-test-${createHash('sha256').update(project).digest('hex').slice(0, 8)}`;
  // All processes of a run choose the same, however full it has become.
  const folder = join(existsSync(join(inMemory, name)) || hasRoom() ? inMemory : tmpdir(), name);
  // PostgreSQL refuses to run as root, and its own account has to enter the folder.
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
