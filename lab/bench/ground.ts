import { chmod, mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startCluster } from '../ground/cluster.ts';
import { type Guard, startGuard } from '../ground/guard.ts';

/** A PostgreSQL of its own, with its default durability, in a folder that goes with it. */
export type Ground = {
  folder: string;
  /** Ends and removes what it is told of, however the run ends. */
  guard: Guard;
  /** The postmaster's process id. */
  postgres: number;
  /** PostgreSQL's own account of itself, for the report. */
  version: string;
  /** A migrated database that nobody else uses. */
  database(name: string): Promise<string>;
  /** Runs one statement in a database. */
  query<Row extends pg.QueryResultRow>(url: string, text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
};

export async function prepareGround(): Promise<Ground> {
  const guard = startGuard();
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'likeness-bench-')));
  guard.watch('folder', folder);
  // PostgreSQL refuses to run as root, and its own account has to enter the folder.
  await chmod(folder, 0o755);
  const cluster = await startCluster(guard, folder, {});
  const [row] = await query<{ version: string }>(cluster.url, `select current_setting('server_version') as version`);
  return {
    folder,
    guard,
    postgres: cluster.pid,
    version: row?.version ?? 'unknown',
    database: (name) => cluster.makeDatabase(name),
    query,
    close: () => guard.clear(),
  };
}

async function query<Row extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}
