import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stablePort } from '../../lab/ground/ports.ts';
import { connect } from 'node:net';
import { readDatabaseUrl } from '../../src/platform/db/url.ts';
import type { Scope } from './postgres.ts';
import { until } from './until.ts';

const isRoot = process.getuid?.() === 0;

/** The reason to skip tests with pgbouncer; false where it is installed. */
export const withoutPgbouncer: string | false =
  spawnSync('pgbouncer', ['--version']).status === 0 ? false : 'no pgbouncer is installed on this machine';

/**
 * Starts a pgbouncer with minimal settings in front of a database, and ends it with the scope.
 * @param url of the database, over a socket or TCP
 * @returns the URL through the pooler
 */
export async function startPgbouncer(
  scope: Scope,
  url: string,
  settings: { pool_mode: 'session' | 'transaction' | 'statement'; [name: string]: string },
): Promise<string> {
  const { host, port, user = 'postgres', password, database } = readDatabaseUrl(url);
  const folder = await mkdtemp(join(tmpdir(), 'likeness-pgbouncer-'));
  const own = await stablePort();
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: String(own),
    unix_socket_dir: '',
    auth_type: 'any',
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  const target = `host=${host} port=${port} dbname=${database} user=${user}${password ? ` password=${password}` : ''}`;
  await writeFile(
    join(folder, 'pgbouncer.ini'),
    `[databases]\n${database} = ${target}\n[pgbouncer]\n${lines.join('\n')}\n`,
  );
  // It refuses to run as root, and the test cluster admits only the user that runs it.
  await chmod(folder, 0o755);
  const account = host.startsWith('/') ? await stat(join(host, `.s.PGSQL.${port}`)) : undefined;
  const child = spawn('pgbouncer', [join(folder, 'pgbouncer.ini')], {
    stdio: 'ignore',
    ...(isRoot && { uid: account?.uid ?? 65_534, gid: account?.gid ?? 65_534 }),
  });
  scope.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  });
  await until('pgbouncer listens', async () => {
    const socket = connect(own, '127.0.0.1');
    const listens = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    return listens;
  });
  return `postgresql://${user}@127.0.0.1:${own}/${database}`;
}
