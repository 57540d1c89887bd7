import type pg from 'pg';
import { quoteName } from '../text/sql-text.ts';
import { type Catalog, type CatalogObject, sortObjects } from './objects.ts';
import { rolledBack } from '../history/transaction.ts';
import { catalogQuery } from './query.ts';

type Row = [kind: CatalogObject['kind'], table: string | null, name: string, facts: CatalogObject['facts']];

/** Reads a schema from a single snapshot, read-only. The connection must not be in a transaction. */
export async function readCatalog(client: pg.ClientBase, schema = 'public'): Promise<Catalog> {
  return rolledBack(client, () => readCatalogWithin(client, schema), 'isolation level repeatable read read only');
}

/**
 * Reads a schema in the caller's transaction, whose search path is set to it. Without JIT, which costs ten times the
 * query, since PostgreSQL overestimates it.
 * @param path schemas whose names are omitted from texts
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

export async function readServerVersion(client: pg.ClientBase): Promise<{ version: string; major: number }> {
  const { rows } = await client.query<{ version: string; number: string }>(
    `select current_setting('server_version') as version, current_setting('server_version_num') as number`,
  );
  return { version: rows[0]?.version ?? '', major: Math.floor(Number(rows[0]?.number ?? 0) / 10_000) };
}
