import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startEmbedded, stopEmbedded } from '@likeness/embedded-postgres/index.ts';
import { isAlive, withLockFile } from '@likeness/embedded-postgres/lock-file.ts';
import { temporaryFolder } from './temporary-folder.ts';

const home = resolve(import.meta.dirname, '../../.likeness/test-postgres');
const users = join(home, 'users');
const lock = join(home, 'users.lock');
const lockWaitMs = 60_000;

const folder = temporaryFolder();
const dir = join(folder, 'postgres');

// Nothing in a test database has to survive a crash.
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  jit: 'off',
};

// Under tap the whole run is one user, which leaves in test/support/after.ts; a file that runs alone is another.
const underTap = process.env['TAP'] === '1';
const user = String(underTap ? process.ppid : process.pid);

/** Registers this run as a user of the cluster; the first creates it. @returns its URL */
export async function joinCluster(): Promise<string> {
  await mkdir(users, { recursive: true });
  return withLockFile(lock, lockWaitMs, async () => {
    // Removes what a killed run has left. Other files of this run may be using the folder already.
    if ((await livingUsers()).length === 0) await removeCluster();
    await writeFile(join(users, user), '');
    if (!underTap) process.once('beforeExit', () => void leaveCluster(user));
    const { url } = await startEmbedded({ dir, settings, database: 'likeness' });
    return url;
  });
}

/** Unregisters a user; the last removes the cluster and the folder. */
export async function leaveCluster(leaving: string): Promise<void> {
  await mkdir(users, { recursive: true });
  await withLockFile(lock, lockWaitMs, async () => {
    await rm(join(users, leaving), { force: true });
    if ((await livingUsers()).length > 0) return;
    await removeCluster();
    await rm(folder, { recursive: true, force: true });
  });
}

async function removeCluster(): Promise<void> {
  await stopEmbedded(dir);
  await rm(dir, { recursive: true, force: true });
}

async function livingUsers(): Promise<string[]> {
  const names = await readdir(users);
  const dead = names.filter((name) => !isAlive(Number(name)));
  await Promise.all(dead.map((name) => rm(join(users, name), { force: true })));
  return names.filter((name) => !dead.includes(name));
}
