import pg from 'pg';
import { withClient } from './client.ts';

/** The state of an unused database, to be restored before reuse. */
export type Pristine = {
  catalog: string;
  tables: { name: string; rows: string }[];
  sequences: string[];
};

const patienceMs = 5000;
const databaseIsGone = '3D000';

// Any created, altered or dropped object changes rows of one of these.
const catalogs = [
  'pg_namespace',
  'pg_class',
  'pg_attribute',
  'pg_attrdef',
  'pg_constraint',
  'pg_index',
  'pg_trigger',
  'pg_proc',
  'pg_type',
  'pg_enum',
  'pg_extension',
  'pg_description',
  'pg_default_acl',
];
const schemas = `select oid, nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'`;

export async function lookAt(url: string): Promise<Pristine> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select format('%I.%I', nspname, relname) as name from pg_class join (${schemas}) n on n.oid = relnamespace
       where relkind = 'r'`,
    );
    const tables = [];
    for (const { name } of rows) {
      const content = await client.query<{ rows: string }>(
        `select coalesce(json_agg(t), '[]')::text as rows from ${name} t`,
      );
      tables.push({ name, rows: content.rows[0]?.rows ?? '[]' });
    }
    const sequences = await client.query<{ set: string }>(`
      select format('select setval(%L, %s, %L)', s, coalesce(last_value, start_value), last_value is not null) as set
      from pg_sequences, lateral format('%I.%I', schemaname, sequencename) s`);
    return { catalog: await readCatalog(client), tables, sequences: sequences.rows.map(({ set }) => set) };
  });
}

/**
 * Closes all connections of a database and restores its first state, in a tenth of the time of recreating it: a
 * migrated one gets its rows back, an empty one is emptied.
 * @returns false when its catalogue was changed, so that it cannot be reused
 */
export async function restore(url: string, first: Pristine): Promise<boolean> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ may: boolean }>('select rolsuper as may from pg_roles where rolname = user');
    if (rows[0]?.may !== true) return false;
    await client.query(
      `select pg_terminate_backend(pid, ${patienceMs}) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
    if (first.tables.length === 0) {
      await dropAll(client);
      return sizesOf(await readCatalog(client)) === sizesOf(first.catalog);
    }
    if ((await readCatalog(client)) !== first.catalog) return false;
    await bringBack(client, first);
    return true;
  }).catch((error: unknown) => {
    if (error instanceof pg.DatabaseError && error.code === databaseIsGone) return false;
    throw error;
  });
}

async function dropAll(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ drop: string }>(
    `select format('drop schema %I cascade', nspname) as drop from (${schemas}) n`,
  );
  await client.query(rows.map(({ drop }) => drop).join(';\n'));
  // As initdb creates it.
  await client.query(
    `create schema public authorization pg_database_owner;
     grant usage on schema public to public;
     comment on schema public is 'standard public schema'`,
  );
}

async function bringBack(client: pg.Client, { tables, sequences }: Pristine): Promise<void> {
  // In any order: as a replica, PostgreSQL checks no foreign key.
  await client.query('begin; set local session_replication_role = replica');
  const used = [];
  for (const { name } of tables) if ((await client.query(`delete from ${name}`)).rowCount !== 0) used.push(name);
  const statements = tables.map(
    ({ name, rows }) =>
      `insert into ${name} overriding system value
       select * from json_populate_recordset(null::${name}, ${pg.escapeLiteral(rows)})`,
  );
  await client.query([...statements, ...sequences, 'commit'].join(';\n'));
  // Otherwise new rows fill the gaps of deleted ones, and are read in another order than in a new table.
  await client.query(`vacuum ${used.join(', ')}`);
}

async function readCatalog(client: pg.Client): Promise<string> {
  const marks = catalogs.map((name) => `(select concat(count(*), '@', max(xmin::text::bigint)) from ${name})`);
  const { rows } = await client.query<{ marks: string }>(`
    select concat_ws(' ', ${marks.join(', ')}, datdba, datacl::text, datconnlimit,
      (select string_agg(setconfig::text, ' ') from pg_db_role_setting where setdatabase = d.oid)) as marks
    from pg_database d where datname = current_database()`);
  return rows[0]?.marks ?? '';
}

// Ignores transaction ids.
function sizesOf(catalog: string): string {
  return catalog.replaceAll(/@\d+/g, '');
}
