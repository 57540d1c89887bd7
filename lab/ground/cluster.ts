import { join } from 'node:path';
import { startEmbedded } from '@likeness/embedded-postgres/index.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import type { Guard } from './guard.ts';
import { query } from './query.ts';
import { project } from '../../src/database.ts';

/** A PostgreSQL server with default durability, for this run. */
export type Cluster = {
  /** Of the migrated database, from which others are copied. */
  readonly url: string;
  readonly pid: number;
  /** Makes a database: a copy of `template`, else a migrated one. @returns its URL */
  makeDatabase(name: string, options?: { template?: string }): Promise<string>;
  /** Drops a database if it is there, and cuts its connections. */
  dropDatabase(name: string): Promise<void>;
  /** kill -9 of the server: backends end without a checkpoint. */
  kill(): void;
  /** Restarts it on its data, which it recovers from its log; URLs stay valid. */
  restart(): Promise<void>;
};

/** The template of a database without any table. */
export const empty = 'template0';
const migrated = 'likeness';

// For all processes of a run; the default of 100 is too few.
const manyConnections: Record<string, string> = { max_connections: '300' };

/** @param settings of PostgreSQL that differ from its defaults */
export async function startCluster(guard: Guard, folder: string, settings = manyConnections): Promise<Cluster> {
  const dir = join(folder, 'postgres');
  guard.watch('cluster', dir);
  let server = await startEmbedded({ dir, settings, database: migrated });
  const urlOf = (database: string) => server.url.replace(/[^/]+$/, database);
  await migrate({ url: urlOf(migrated), project });
  // A database with connections cannot be copied.
  const asAdmin = async (statement: string) => void (await query(urlOf('postgres'), statement));
  return {
    url: urlOf(migrated),
    get pid() {
      return server.pid;
    },
    async makeDatabase(name, { template = migrated } = {}) {
      await asAdmin(`create database ${name} template ${template}`);
      return urlOf(name);
    },
    dropDatabase: (name) => asAdmin(`drop database if exists ${name} with (force)`),
    kill: () => void process.kill(server.pid, 'SIGKILL'),
    async restart() {
      server = await startEmbedded({ dir, settings, database: migrated });
    },
  };
}
