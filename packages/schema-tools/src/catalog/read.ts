import type pg from 'pg';
import { quoteName } from '../text/sql-text.ts';
import { type Catalog, type CatalogObject, sortObjects } from './objects.ts';
import { rolledBack } from '../history/transaction.ts';
import { catalogQuery } from './query.ts';

/** A row of the catalogue's query before its columns have names. */
type Row = [kind: CatalogObject['kind'], table: string | null, name: string, facts: CatalogObject['facts']];

/**
 * Reads a schema in a transaction of its own that can't write and sees one state. Give it a connection that is in no
 * transaction.
 */
export async function readCatalog(client: pg.ClientBase, schema = 'public'): Promise<Catalog> {
  return rolledBack(client, () => readCatalogWithin(client, schema), 'isolation level repeatable read read only');
}

/**
 * Reads a schema inside the caller's transaction, whose search path it leaves at that schema, and without JIT: PostgreSQL
 * expects the query to cost more than it does, and would compile for ten times as long as it runs.
 * @param path the schemas whose objects no text names by their schema
 */
export async function readCatalogWithin(
  client: pg.ClientBase,
  schema = 'public',
  path: readonly string[] = [schema],
): Promise<Catalog> {
  await client.query(`set local search_path = ${path.map(quoteName).join(', ')}; set local jit = off`);
  const { rows } = await client.query<Row>({ text: catalogQuery, values: [schema], rowMode: 'array' });
  return sortObjects(rows.map(([kind, table, name, facts]) => ({ kind, table, name, facts })));
}

/** The server's version in words and its major number. */
export async function readServerVersion(client: pg.ClientBase): Promise<{ version: string; major: number }> {
  const { rows } = await client.query<{ version: string; number: string }>(
    `select current_setting('server_version') as version, current_setting('server_version_num') as number`,
  );
  return { version: rows[0]?.version ?? '', major: Math.floor(Number(rows[0]?.number ?? 0) / 10_000) };
}
