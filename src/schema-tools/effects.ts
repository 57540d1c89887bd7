import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { compare, readHistory } from './history.ts';
import type { HistoryProblem } from './migration-error.ts';
import type { Migration } from './migrations-folder.ts';

/**
 * Looks in the database for what the migrations promise: a history row with the right hash for each file, and every
 * table and column of the newest snapshot that drizzle-kit wrote beside them. Empty when all is there. It is no
 * comparison of types, keys or indexes.
 */
export async function findMissingEffects(
  client: pg.ClientBase,
  folder: string,
  migrations: Migration[],
): Promise<HistoryProblem[]> {
  const { pending, problems } = compare(migrations, await readHistory(client));
  const unrecorded = pending.map(({ name }) => missing(name, `${name} ran, but the history has no row of it.`));
  const columns = await findMissingColumns(client, await readSnapshotColumns(folder, migrations.at(-1)));
  return [...problems, ...unrecorded, ...columns];
}

type Column = { schema: string; table: string; column: string };

async function findMissingColumns(client: pg.ClientBase, wanted: Column[]): Promise<HistoryProblem[]> {
  const { rows } = await client.query<Column>(
    `
    select wanted.schema, wanted.table, wanted.column
    from unnest($1::text[], $2::text[], $3::text[]) as wanted ("schema", "table", "column")
    left join information_schema.columns as present
      on present.table_schema = wanted.schema and present.table_name = wanted.table and present.column_name = wanted.column
    where present.column_name is null
    order by 1, 2, 3`,
    [wanted.map((w) => w.schema), wanted.map((w) => w.table), wanted.map((w) => w.column)],
  );
  return rows.map(({ schema, table, column }) =>
    missing(
      `${schema}.${table}.${column}`,
      `The history says that all migrations are applied, but the column ${schema}.${table}.${column} is not there.`,
    ),
  );
}

function missing(object: string, message: string): HistoryProblem {
  return { kind: 'effect_missing', object, message };
}

// A folder whose newest migration has no snapshot promises nothing that could be checked here.
async function readSnapshotColumns(folder: string, newest: Migration | undefined): Promise<Column[]> {
  const number = newest?.name.split('_')[0];
  const text = await readFile(join(folder, `meta/${number}_snapshot.json`), 'utf8').catch(() => undefined);
  return text === undefined ? [] : parseSnapshot(JSON.parse(text));
}

function parseSnapshot(value: unknown): Column[] {
  return valuesAt(value, 'tables').flatMap((table) => {
    const name = textAt(table, 'name');
    const schema = textAt(table, 'schema') || 'public';
    return valuesAt(table, 'columns').map((column) => ({ schema, table: name, column: textAt(column, 'name') }));
  });
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

function valuesAt(value: unknown, key: string): unknown[] {
  const found = at(value, key);
  return typeof found === 'object' && found !== null ? Object.values(found) : [];
}

function textAt(value: unknown, key: string): string {
  const found = at(value, key);
  return typeof found === 'string' ? found : '';
}
