import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { queue } from '../../src/platform/db/queue.ts';
import { migrate } from '@likeness/schema-tools/acts/migrate.ts';
import { project } from '../../src/database.ts';

const root = resolve(import.meta.dirname, '../..');
const prefix = 'likeness_template_';

export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/**
 * Creates a migrated template database, once for each state of the migrations and the code that runs them; concurrent
 * processes wait for the first.
 * @returns its name
 */
export async function ensureTemplate(serverUrl: string): Promise<string> {
  const name = `${prefix}${await fingerprint()}`;
  const client = new pg.Client(serverUrl);
  await client.connect();
  try {
    // A session lock, released with the connection.
    await client.query(`select pg_advisory_lock(hashtextextended('likeness test template', 0))`);
    const { rows } = await client.query<{ whole: boolean }>(
      'select datistemplate as whole from pg_database where datname = $1',
      [name],
    );
    if (rows[0]?.whole === true) return name;
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name} template template0 encoding 'UTF8'`);
    await migrate({ url: withDatabase(serverUrl, name), project });
    // A database with connections cannot be copied. `is_template` marks it as complete.
    await client.query(`alter database ${name} with allow_connections false is_template true`);
    return name;
  } finally {
    await client.end();
  }
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256').update(`pg-boss ${queue.wanted}`);
  for (const folder of ['migrations', 'packages/schema-tools/src']) {
    const entries = await readdir(join(root, folder), { withFileTypes: true, recursive: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort()) hash.update(file.slice(root.length)).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}
