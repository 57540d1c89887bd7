import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, giveTo } from './account.ts';
import type { Binaries } from './binaries.ts';
import { EmbeddedError } from './error.ts';
import { childEnvironment, failure, type Layout } from './server.ts';

/**
 * Creates the data folder when missing. It is built elsewhere and renamed, so that `data` is always complete.
 * @throws EmbeddedError
 */
export async function initialise(binaries: Binaries, account: Account, layout: Layout, sync: boolean): Promise<void> {
  await checkVersion(layout, binaries);
  if (await exists(layout.data)) return giveTo(account, layout.data);
  await removeLeftovers(layout);
  const building = `${layout.data}.init.${randomUUID()}`;
  await mkdir(building, { mode: 0o700 });
  await giveTo(account, building);
  const { code, output } = await run(account, binaries.initdb, [
    `--pgdata=${building}`,
    '--username=postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(sync ? [] : ['--no-sync']),
  ]);
  if (code !== 0) {
    await rm(building, { recursive: true, force: true });
    throw failure(`initdb could not make ${layout.data}`, output);
  }
  await rename(building, layout.data).catch(() => rm(building, { recursive: true, force: true }));
}

async function checkVersion(layout: Layout, binaries: Binaries): Promise<void> {
  const found = await readFile(join(layout.data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (found === undefined || found.trim() === '18') return;
  throw new EmbeddedError(
    'data-version',
    `${layout.data} was made by PostgreSQL ${found.trim()}, and ${binaries.postgres} is PostgreSQL 18: dump it with its own version, or move it away to begin anew.`,
  );
}

// Leftovers of killed initdb runs; one that still runs loses its folder and fails harmlessly.
async function removeLeftovers(layout: Layout): Promise<void> {
  const names = (await readdir(layout.dir)).filter((name) => name.startsWith('data.init.'));
  const remove = (name: string) => rm(join(layout.dir, name), { recursive: true, force: true, maxRetries: 3 });
  await Promise.allSettled(names.map(remove));
}

async function run(
  account: Account,
  binary: string,
  flags: string[],
): Promise<{ code: number | null; output: string }> {
  const { file, args, options } = account.command(binary, flags);
  const child = spawn(file, args, { ...options, cwd: '/', env: childEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const add = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', add);
  child.stderr.on('data', add);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, output: `${output}\n${error.message}` }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
