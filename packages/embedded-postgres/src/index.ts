import type { ChildProcess } from 'node:child_process';
import { chmod, mkdir, readFile, realpath, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { chooseAccount } from './account.ts';
import { type Binaries, locateBinaries } from './binaries.ts';
import { EmbeddedError } from './error.ts';
import { initialise } from './initdb.ts';
import {
  failure,
  findRunning,
  type Layout,
  layoutOf,
  type Running,
  readPostmasterPid,
  spawnServer,
  withClient,
} from './server.ts';
import { isAlive, LockFileTimeoutError, withLockFile } from './lock-file.ts';

const startTimeoutMs = 60_000;
const stopTimeoutMs = 10_000;
const pollMs = 10;
const retryMs = 100;

/** A pino logger, for example. */
export type Log = { info: (fields: object, message: string) => void };

export type EmbeddedOptions = {
  /** The folder of the cluster; created when missing. */
  dir: string;
  /** Created when missing. */
  database: string;
  /** Additional server settings, for a server that this call starts. */
  settings?: Record<string, string>;
  log?: Log;
};

export type Embedded = {
  /** Connection URL of the database, over the cluster's unix socket. */
  url: string;
  /** Whether stop() ends the server: this process started it, or its starter is dead. */
  owner: boolean;
  pid: number;
  /** Ends the server if this process owns it, closing all connections. */
  stop: () => Promise<void>;
};

/**
 * Starts PostgreSQL 18 on `dir`, or adopts the running one, and creates the database when missing. The server outlives
 * this process unless stop() is called.
 * @throws EmbeddedError
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const binaries = await locateBinaries();
  const layout = layoutOf(await makeFolder(resolve(options.dir)));
  try {
    const running = await withLockFile(layout.lock, startTimeoutMs, async () => {
      const server = (await adopt(layout, options)) ?? (await start(binaries, layout, options));
      await createDatabase(server, options.database);
      return server;
    });
    const { pid, socket, owner } = running;
    return {
      url: urlOf(socket, options.database),
      owner,
      pid,
      stop: async () => (owner ? stop(layout, running) : undefined),
    };
  } catch (error) {
    throw explained(error, layout);
  }
}

/** Ends the server on `dir`, if one runs, regardless of its owner. */
export async function stopEmbedded(dir: string): Promise<void> {
  const folder = await realpath(dir).catch(() => undefined);
  if (folder === undefined) return;
  const layout = layoutOf(folder);
  const running = await findRunning(layout);
  if (running !== undefined) await stop(layout, running);
}

type Owned = Running & { owner: boolean };

async function adopt(layout: Layout, { log }: EmbeddedOptions): Promise<Owned | undefined> {
  const running = await findRunning(layout);
  if (running === undefined) return undefined;
  const previous = Number(await readFile(layout.owner, 'utf8').catch(() => ''));
  const owner = !(previous > 0 && isAlive(previous)) || previous === process.pid;
  if (owner) await writeFile(layout.owner, `${process.pid}\n`);
  log?.info({ pid: running.pid, owner }, 'adopted the running embedded PostgreSQL');
  return { ...running, owner };
}

// After a kill -9 the server's children hold the shared memory for a moment, and a new server refuses to start.
async function start(binaries: Binaries, layout: Layout, options: EmbeddedOptions): Promise<Owned> {
  const account = await chooseAccount(binaries.postgres, layout.dir, layout.data);
  const settings = options.settings ?? {};
  await initialise(binaries, account, layout, settings['fsync'] !== 'off');
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    await removeForeignPidFile(layout);
    const { child, socket, outputSince } = await spawnServer(binaries, account, layout, settings);
    const running = await ready(child, layout, deadline);
    if (running !== undefined) {
      await writeFile(layout.owner, `${process.pid}\n`);
      options.log?.info({ pid: running.pid, dir: layout.dir }, 'started the embedded PostgreSQL');
      return { ...running, owner: true };
    }
    const output = await outputSince();
    const passing = /lock file ".*" already exists|shared memory block .* is still in use/.test(output);
    if (!passing || Date.now() > deadline) {
      await rmdir(socket).catch(() => undefined);
      throw failure(`PostgreSQL did not start in ${layout.dir}`, output);
    }
    await delay(retryMs);
  }
}

// Undefined when the child ended, or was told to end at the deadline.
async function ready(child: ChildProcess, layout: Layout, deadline: number): Promise<Running | undefined> {
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const running = await findRunning(layout);
    if (running?.pid === child.pid) return running;
    if (Date.now() > deadline) {
      child.kill('SIGINT');
      return undefined;
    }
    await delay(pollMs);
  }
  return undefined;
}

// Containers reuse process ids, so after a crash the id in postmaster.pid may belong to another program, which only
// /proc reveals. Elsewhere the file stays and PostgreSQL decides.
async function removeForeignPidFile(layout: Layout): Promise<void> {
  const recorded = await readPostmasterPid(layout);
  if (recorded === undefined) return;
  const command = await readFile(`/proc/${recorded.pid}/cmdline`, 'utf8').catch(() => undefined);
  if (command !== undefined && command !== '' && !command.includes('postgres')) {
    await rm(join(layout.data, 'postmaster.pid'), { force: true });
  }
}

async function createDatabase({ socket }: Running, name: string): Promise<void> {
  await withClient({ socket, database: 'postgres', answerTimeoutMs: startTimeoutMs }, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
  });
}

// SIGINT is PostgreSQL's fast shutdown: clients are disconnected, data is flushed, postmaster.pid is removed last.
async function stop(layout: Layout, { pid, socket }: Running): Promise<void> {
  await withLockFile(layout.lock, startTimeoutMs, async () => {
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
      if (await ended(layout, pid, 0)) break;
      process.kill(pid, signal);
      if (await ended(layout, pid, stopTimeoutMs)) break;
    }
    await rm(layout.owner, { force: true });
    await rmdir(socket).catch(() => undefined);
  });
}

async function ended(layout: Layout, pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if ((await readPostmasterPid(layout))?.pid !== pid || !isAlive(pid)) return true;
    if (Date.now() >= deadline) return false;
    await delay(pollMs);
  }
}

// The percent-encoded socket folder as host: pg, libpq and new URL() accept it.
function urlOf(socket: string, database: string): string {
  return `postgresql://postgres@${encodeURIComponent(socket)}/${encodeURIComponent(database)}`;
}

async function makeFolder(dir: string): Promise<string> {
  try {
    const first = await mkdir(dir, { recursive: true });
    // Under root's umask of 077 the server's user could not enter the new folders.
    const open = first !== undefined && process.getuid?.() === 0;
    for (let made = dir; open && made.startsWith(first); made = dirname(made)) await chmod(made, 0o755);
    return await realpath(dir);
  } catch (cause) {
    throw unusable(dir, cause);
  }
}

function explained(error: unknown, { dir, lock }: Layout): unknown {
  if (error instanceof LockFileTimeoutError) {
    return new EmbeddedError(
      'busy',
      `Another process has been starting PostgreSQL in ${dir} for a minute: end it, or remove ${lock}.`,
      { cause: error },
    );
  }
  return error instanceof Error && 'syscall' in error ? unusable(dir, error) : error;
}

function unusable(dir: string, cause: unknown): EmbeddedError {
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  if (why === 'ENOSPC') return failure(`PostgreSQL's data can't be written to ${dir}`, 'No space left on device');
  const message = `${dir} can't be used for PostgreSQL's data (${why}): choose a folder that this user may write to.`;
  return new EmbeddedError('directory-unusable', message, { cause });
}
