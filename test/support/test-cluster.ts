import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EmbeddedError } from '../../src/db/embedded-error.ts';
import { startEmbedded, stopEmbedded } from '../../src/db/embedded.ts';
import { isAlive, withLockFile } from '../../src/db/lock-file.ts';
import { dropLeftovers } from './test-template.ts';

const dir = resolve(import.meta.dirname, '../../.likeness/test-postgres');
const users = join(dir, 'users');
const lock = join(dir, 'users.lock');
const lockWaitMs = 60_000;

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

/** Enters this run among the cluster's users and starts the cluster when it is not running. Gives its URL. */
export async function joinCluster(): Promise<string> {
  await mkdir(users, { recursive: true });
  return withLockFile(lock, lockWaitMs, async () => {
    const others = await livingUsers();
    await writeFile(join(users, user), '');
    if (!underTap) process.once('beforeExit', () => void leaveCluster(user));
    const { url } = await start(others.length === 0);
    if (others.length === 0) await dropLeftovers(url);
    return url;
  });
}

/** Takes `leaving` from the cluster's users and stops the cluster when it was the last. */
export async function leaveCluster(leaving: string): Promise<void> {
  await mkdir(users, { recursive: true });
  await withLockFile(lock, lockWaitMs, async () => {
    await rm(join(users, leaving), { force: true });
    if ((await livingUsers()).length === 0) await stopEmbedded(dir);
  });
}

// A machine that crashed under a cluster without fsync may leave it broken; it holds nothing of worth.
async function start(alone: boolean): Promise<{ url: string }> {
  const data = join(dir, 'data');
  try {
    return await startEmbedded({ dir, settings });
  } catch (error) {
    if (!alone || !(error instanceof EmbeddedError) || error.code !== 'start-failed') throw error;
    await rm(data, { recursive: true, force: true });
    return startEmbedded({ dir, settings });
  }
}

async function livingUsers(): Promise<string[]> {
  const names = await readdir(users);
  const dead = names.filter((name) => !isAlive(Number(name)));
  await Promise.all(dead.map((name) => rm(join(users, name), { force: true })));
  return names.filter((name) => !dead.includes(name));
}
