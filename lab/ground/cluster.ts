import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded } from '@likeness/embedded-postgres/index.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import type { Guard } from './guard.ts';
import { project } from '../../src/database.ts';

/** A PostgreSQL server with default durability, made for this run. */
export type Cluster = {
  /** Of the migrated database that all others are copies of. */
  readonly url: string;
  /** The postmaster's process id. */
  readonly pid: number;
  /** Makes a database, migrated unless it is to be empty. @returns its URL */
  makeDatabase(name: string, options?: { isEmpty?: boolean }): Promise<string>;
  /** kill -9 of the server: its backends end without a checkpoint. */
  kill(): void;
  /** Starts it again on the same data, which it recovers from its log; the URLs stay. */
  restart(): Promise<void>;
};

// All processes of a run together; the default of 100 is too few.
const manyConnections: Record<string, string> = { max_connections: '300' };

/**
 * Starts a server on a folder of its own.
 * @param settings of PostgreSQL, beside its defaults
 */
export async function startCluster(guard: Guard, folder: string, settings = manyConnections): Promise<Cluster> {
  const dir = join(folder, 'postgres');
  guard.watch('cluster', dir);
  let server = await startEmbedded({ dir, settings, database: 'likeness' });
  const urlOf = (database: string) => server.url.replace(/[^/]+$/, database);
  // Of this one all others are copies.
  await migrate({ url: urlOf('likeness'), project });
  return {
    url: urlOf('likeness'),
    get pid() {
      return server.pid;
    },
    async makeDatabase(name, { isEmpty = false } = {}) {
      // One that somebody is connected to can't be copied.
      const client = new pg.Client(urlOf('postgres'));
      await client.connect();
      try {
        await client.query(`create database ${name} template ${isEmpty ? 'template0' : 'likeness'}`);
      } finally {
        await client.end();
      }
      return urlOf(name);
    },
    kill: () => void process.kill(server.pid, 'SIGKILL'),
    async restart() {
      server = await startEmbedded({ dir, settings, database: 'likeness' });
    },
  };
}
