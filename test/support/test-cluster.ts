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

// Nothing in a test's database has to survive a crash.
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  jit: 'off',
};

// Under tap the whole run is one user, which ends in test/support/after.ts; a test file run by itself is another.
const underTap = process.env['TAP'] === '1';
const user = String(underTap ? process.ppid : process.pid);

/** Enters this run among the cluster's users; the first makes the cluster anew. Gives its URL. */
export async function joinCluster(): Promise<string> {
  await mkdir(users, { recursive: true });
  return withLockFile(lock, lockWaitMs, async () => {
    // What a run that was killed has left. Other files of this one may be at work in the folder already.
    if ((await livingUsers()).length === 0) await removeCluster();
    await writeFile(join(users, user), '');
    if (!underTap) process.once('beforeExit', () => void leaveCluster(user));
    const { url } = await startEmbedded({ dir, settings, database: 'likeness' });
    return url;
  });
}

/** Takes `leaving` from the cluster's users; the last takes the cluster away, and all that is in the folder. */
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
