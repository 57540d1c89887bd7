import type pg from 'pg';
import type { Guard } from '../ground/guard.ts';
import { type House, openHouse } from '../ground/house.ts';
import { query } from '../ground/query.ts';

/** A separate PostgreSQL with default durability, in a temporary folder. */
export type Ground = {
  house: House;
  folder: string;
  guard: Guard;
  postgres: number;
  /** PostgreSQL's version string, for the report. */
  version: string;
  /** A new migrated database. */
  database(name: string): Promise<string>;
  query<Row extends pg.QueryResultRow>(url: string, text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
};

export async function prepareGround(): Promise<Ground> {
  const house = await openHouse('bench', { settings: {} });
  const { guard, folder, cluster, close } = house;
  const [row] = await query<{ version: string }>(cluster.url, `select current_setting('server_version') as version`);
  return {
    house,
    folder,
    guard,
    postgres: cluster.pid,
    version: row?.version ?? 'unknown',
    database: (name) => cluster.makeDatabase(name),
    query,
    close,
  };
}
