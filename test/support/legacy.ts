import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { withClient } from './client.ts';
import { createEmptyDatabase, type Scope } from './postgres.ts';

const folder = resolve(import.meta.dirname, '../fixtures/legacy');

/** The earlier system's database: 24 columns in `avatars`, or 42 with those added for fal. */
export type LegacyDump = 'avatars-24' | 'avatars-42';

/** Restores a dump of the earlier system into a new database. */
export async function createLegacyDatabase(scope: Scope, dump: LegacyDump): Promise<{ url: string; name: string }> {
  const database = await createEmptyDatabase(scope);
  const sql = await readFile(resolve(folder, `${dump}.sql`), 'utf8');
  await withClient(database.url, (client) => client.query(sql));
  return database;
}

/** All rows of a table as text, by id. */
export async function readRows(url: string, table: string): Promise<Record<string, Record<string, string | null>>> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ id: string; row: Record<string, string | null> }>(
      `select id::text as id, (select json_object_agg(key, case when jsonb_typeof(value) = 'null' then null else value #>> '{}' end) from jsonb_each(to_jsonb(t))) as row
       from ${table} as t`,
    );
    return Object.fromEntries(rows.map(({ id, row }) => [id, row]));
  });
}
