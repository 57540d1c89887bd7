import type pg from 'pg';

/** `hidden` when the role lacks the right to read. */
export type Visibility = 'there' | 'absent' | 'hidden';

/** Searches the catalogue, which every role may read; to_regclass fails without rights on the schema. */
export async function lookForTable(client: pg.ClientBase, schema: string, table: string): Promise<Visibility> {
  const { rows } = await client.query<{ readable: boolean }>(
    `select has_schema_privilege(pg_namespace.oid, 'usage') and has_table_privilege(pg_class.oid, 'select') as readable
     from pg_class join pg_namespace on pg_namespace.oid = relnamespace
     where nspname = $1 and relname = $2`,
    [schema, table],
  );
  if (rows.length === 0) return 'absent';
  return rows[0]?.readable === true ? 'there' : 'hidden';
}
