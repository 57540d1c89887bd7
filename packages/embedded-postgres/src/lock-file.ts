import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

const heartbeatMs = 2_000;
const staleAfterMs = 15_000;
const pollMs = 20;

type Holder = { pid: number; host: string; nonce: string };

/** Another process held the lock file for the whole timeout. */
export class LockFileTimeoutError extends Error {
  override name = 'LockFileTimeoutError';
}

/**
 * Runs `work` while holding a lock file that other processes on the file system respect. A dead holder is detected by
 * its process id, on another host by 15 s without heartbeat. A machine that slept may lose the lock, so it only saves
 * work.
 * @throws LockFileTimeoutError after `timeoutMs`; what `work` throws
 */
export async function withLockFile<T>(path: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const self: Holder = { pid: process.pid, host: hostname(), nonce: randomUUID() };
  const deadline = Date.now() + timeoutMs;
  while (!(await create(path, self))) {
    if (await removeStale(path)) continue;
    if (Date.now() > deadline) throw new LockFileTimeoutError(`${path} is held by another process`);
    await delay(pollMs);
  }
  const heartbeat = setInterval(() => void touch(path), heartbeatMs);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await read(path))?.nonce === self.nonce) await rm(path, { force: true });
  }
}

/** Whether a process of this machine is alive, also one of another user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function create(path: string, self: Holder): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o644);
    await file.writeFile(JSON.stringify(self));
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

// A stale lock is moved aside first, so that of two processes that find it only one removes it; the moved file is read
// again, and put back if it is a new holder's.
async function removeStale(path: string): Promise<boolean> {
  const found = await read(path);
  if (!(await isStale(path, found))) return false;
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return false;
  }
  const moved = await read(aside);
  if (moved?.nonce !== found?.nonce) {
    await rename(aside, path);
    return false;
  }
  await rm(aside, { force: true });
  return true;
}

async function isStale(path: string, holder: Holder | undefined): Promise<boolean> {
  if (holder?.host === hostname() && !isAlive(holder.pid)) return true;
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > staleAfterMs;
}

// Undefined for a lock that is gone or not completely written yet.
async function read(path: string): Promise<Holder | undefined> {
  try {
    return parseHolder(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function parseHolder(value: unknown): Holder | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('pid' in value) || !('host' in value) || !('nonce' in value)) return undefined;
  const { pid, host, nonce } = value;
  if (typeof pid !== 'number' || typeof host !== 'string' || typeof nonce !== 'string') return undefined;
  return { pid, host, nonce };
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}
