import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded, stopEmbedded } from '@likeness/embedded-postgres/index.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import type { Scope } from './postgres.ts';
import { project } from '../../src/database.ts';

/** A migrated database in a PostgreSQL cluster of its own, with default durability, that can be killed. */
export async function startOwnCluster(scope: Scope): Promise<{ url: string; killAndRestart(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'likeness-cluster-'));
  // PostgreSQL refuses to run as root, and its user must be able to enter the folder.
  await chmod(folder, 0o755);
  const dir = join(folder, 'postgres');
  scope.teardown(async () => {
    await stopEmbedded(dir);
    await rm(folder, { recursive: true, force: true });
  });
  let server = await startEmbedded({ dir, database: 'likeness' });
  await migrate({ url: server.url, project });
  return {
    url: server.url,
    async killAndRestart() {
      process.kill(server.pid, 'SIGKILL');
      server = await startEmbedded({ dir, database: 'likeness' });
    },
  };
}
