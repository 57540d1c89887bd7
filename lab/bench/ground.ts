import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded, stopEmbedded } from '@likeness/embedded-postgres/index.ts';
import { isAlive } from '@likeness/embedded-postgres/lock-file.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { project } from '../../src/database.ts';

/** A PostgreSQL of its own, with its default durability, in a folder that goes with it. */
export type Ground = {
  folder: string;
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

const prefix = 'likeness-bench-';

export async function prepareGround(): Promise<Ground> {
  await removeLeftovers();
  const folder = await mkdtemp(join(tmpdir(), prefix));
  await writeFile(join(folder, 'owner'), String(process.pid));
  // PostgreSQL refuses to run as root, and its own account has to enter the folder.
  await chmod(folder, 0o755);
  const server = await startEmbedded({ dir: join(folder, 'postgres'), database: 'likeness' });
  const [row] = await query<{ version: string }>(server.url, `select current_setting('server_version') as version`);
  await migrate({ url: server.url, project });
  return {
    folder,
    postgres: server.pid,
    version: row?.version ?? 'unknown',
    async database(name) {
      await query(maintenance(server.url), `create database ${name} template likeness`);
      return withDatabase(server.url, name);
    },
    query,
    async close() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Ends and removes what runs that were killed have left: their PostgreSQL goes on without them. */
async function removeLeftovers(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix));
  for (const folder of names.map((name) => join(tmpdir(), name))) {
    const owner = Number(await readFile(join(folder, 'owner'), 'utf8').catch(() => ''));
    if (!(owner > 0) || isAlive(owner)) continue;
    await stopEmbedded(join(folder, 'postgres'));
    await rm(folder, { recursive: true, force: true });
  }
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

function maintenance(url: string): string {
  return withDatabase(url, 'postgres');
}

function withDatabase(url: string, name: string): string {
  return url.replace(/\/[^/]*$/, `/${name}`);
}
