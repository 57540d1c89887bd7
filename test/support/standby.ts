import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded, stopEmbedded } from '@likeness/embedded-postgres/index.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { project } from '../../src/database.ts';
import { readDatabaseUrl } from '../../src/platform/db/url.ts';
import { queryOnce, type Scope } from './postgres.ts';

const database = 'likeness';

/**
 * Starts a primary with a migrated database, and a hot standby that it streams its log to; both end with the scope.
 * @returns `vanish` kills the primary, as a host does that loses its power; `promote` makes the standby a primary
 */
export async function startStandby(scope: Scope) {
  const folder = await mkdtemp(join(tmpdir(), 'likeness-standby-'));
  // PostgreSQL refuses to run as root, and its user must be able to enter the folder.
  await chmod(folder, 0o755);
  const [first, second] = [join(folder, 'primary'), join(folder, 'standby')];
  scope.teardown(async () => {
    await Promise.all([stopEmbedded(first), stopEmbedded(second)]);
    await rm(folder, { recursive: true, force: true });
  });
  const made = await startEmbedded({ dir: first, database });
  await migrate({ url: made.url, project });
  await made.stop();
  await mkdir(second);
  await chmod(second, 0o755);
  // A copy of a server that was shut down is a base backup.
  const copied = spawnSync('cp', ['-a', join(first, 'data'), second]);
  if (copied.status !== 0) throw new Error(`the primary was not copied: ${copied.stderr.toString()}`);
  await writeFile(join(second, 'data', 'standby.signal'), '');
  const primary = await startEmbedded({ dir: first, database });
  const { host, port, user } = readDatabaseUrl(primary.url);
  const settings = { primary_conninfo: `host=${host} port=${port} user=${user}` };
  const standby = await startEmbedded({ dir: second, database, settings });
  return {
    primary: primary.url,
    standby: standby.url,
    vanish: () => process.kill(primary.pid, 'SIGKILL'),
    promote: () => queryOnce(standby.url, 'select pg_promote()'),
  };
}
