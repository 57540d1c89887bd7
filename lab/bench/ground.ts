import type pg from 'pg';
import type { Guard } from '../ground/guard.ts';
import { openHouse } from '../ground/house.ts';
import { query } from '../ground/query.ts';

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
  const { guard, folder, cluster, close } = await openHouse('bench', { settings: {} });
  const [row] = await query<{ version: string }>(cluster.url, `select current_setting('server_version') as version`);
  return {
    folder,
    guard,
    postgres: cluster.pid,
    version: row?.version ?? 'unknown',
    database: (name) => cluster.makeDatabase(name),
    query,
    close,
  };
}
