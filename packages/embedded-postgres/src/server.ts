import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { type FileHandle, lstat, mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Account, giveTo } from './account.ts';
import type { Binaries } from './binaries.ts';
import { EmbeddedError } from './error.ts';
import { isAlive } from './lock-file.ts';

export type Layout = { dir: string; data: string; log: string; lock: string; owner: string };

export type Running = { pid: number; socket: string };

const answerTimeoutMs = 10_000;
const partingMs = 500;
const maximumLogBytes = 10 * 1024 * 1024;
// sun_path of a unix socket has 108 bytes on Linux including the final zero, 104 on macOS.
const maximumSocketPath = process.platform === 'darwin' ? 103 : 107;

export function layoutOf(dir: string): Layout {
  return {
    dir,
    data: join(dir, 'data'),
    log: join(dir, 'postgres.log'),
    lock: join(dir, 'start.lock'),
    owner: join(dir, 'owner.pid'),
  };
}

/**
 * The server that runs on this data folder and accepts connections, or undefined. The server confirms its folder, so a
 * foreign socket or a stale postmaster.pid does not mislead.
 */
export async function findRunning(layout: Layout): Promise<Running | undefined> {
  const recorded = await readPostmasterPid(layout);
  if (recorded === undefined || !isAlive(recorded.pid)) return undefined;
  const asked = { socket: recorded.socket, database: 'postgres', answerTimeoutMs };
  const folder = await withClient(asked, async (client) => {
    const { rows } = await client.query<{ folder: string }>("select current_setting('data_directory') as folder");
    return rows[0]?.folder;
  }).catch(() => undefined);
  return folder === layout.data ? recorded : undefined;
}

/** Process id and socket folder in postmaster.pid, alive or not. */
export async function readPostmasterPid(layout: Layout): Promise<Running | undefined> {
  const text = await readFile(join(layout.data, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  const socket = lines[4]?.trim();
  return Number.isInteger(pid) && pid > 0 && socket ? { pid, socket } : undefined;
}

/**
 * Runs `work` with a connection of the cluster's only role.
 * @param answerTimeoutMs limit of the connection attempt and of each answer, for a server that was stopped
 */
export async function withClient<T>(
  { socket, database, answerTimeoutMs }: { socket: string; database: string; answerTimeoutMs: number },
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const timeouts = { connectionTimeoutMillis: answerTimeoutMs, query_timeout: answerTimeoutMs };
  const client = new pg.Client({ host: socket, port: 5432, user: 'postgres', database, ssl: false, ...timeouts });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    const cut = setTimeout(() => client.connection.stream.destroy(), partingMs);
    await client.end().catch(() => undefined);
    clearTimeout(cut);
  }
}

/** Spawns the server in its own session, so that it outlives this process and receives no Ctrl-C. */
export async function spawnServer(
  binaries: Binaries,
  account: Account,
  layout: Layout,
  settings: Record<string, string>,
): Promise<{ child: ChildProcess; socket: string; outputSince: () => Promise<string> }> {
  const log = await openLog(layout);
  const socket = await makeSocketFolder(account, layout);
  const { size } = await log.stat();
  const all = {
    listen_addresses: '',
    unix_socket_directories: `"${socket}"`,
    unix_socket_permissions: '0700',
    port: '5432',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { file, args, options } = account.command(binaries.postgres, ['-D', layout.data, ...flags]);
  const child = spawn(file, args, {
    ...options,
    cwd: '/',
    env: childEnvironment(),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  child.on('error', () => undefined);
  child.unref();
  await log.close();
  return { child, socket, outputSince: async () => (await readFile(layout.log)).subarray(size).toString() };
}

/** Quotes PostgreSQL's last output. */
export function failure(what: string, output: string): EmbeddedError {
  if (output.includes('No space left on device')) {
    return new EmbeddedError('no-space', `${what}: the disk is full; free some space (about 100 MB) and start again.`);
  }
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.findLast((line) => /FATAL|PANIC|error:/.test(line)) ?? lines.at(-1) ?? 'it said nothing';
  return new EmbeddedError('start-failed', `${what}: ${telling.trim()}`);
}

async function makeSocketFolder(account: Account, layout: Layout): Promise<string> {
  const name = `embedded-postgres-${createHash('sha256').update(layout.data).digest('hex').slice(0, 16)}`;
  const fits = (path: string) => Buffer.byteLength(join(path, '.s.PGSQL.5432')) <= maximumSocketPath;
  const folder = fits(join(tmpdir(), name)) ? join(tmpdir(), name) : join('/tmp', name);
  await mkdir(folder, { mode: 0o700 }).catch(() => undefined);
  const found = await lstat(folder).catch(() => undefined);
  const self = process.getuid?.();
  // The temporary folder is shared, so a folder of this name that is not ours is not trusted.
  const trusted = found?.isDirectory() && (found.mode & 0o077) === 0 && [self, account.owner?.uid].includes(found.uid);
  if (!trusted) {
    throw new EmbeddedError(
      'directory-unusable',
      `${folder}, the folder for PostgreSQL's socket, can't be made or belongs to somebody else: remove it, or set TMPDIR to a folder of your own.`,
    );
  }
  await giveTo(account, folder);
  return folder;
}

async function openLog(layout: Layout): Promise<FileHandle> {
  const size = await stat(layout.log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > maximumLogBytes) await rename(layout.log, `${layout.log}.1`);
  return open(layout.log, 'a', 0o640);
}

/** Passes on nothing that could influence the server, such as PGDATA or an unreadable HOME. */
export function childEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}
