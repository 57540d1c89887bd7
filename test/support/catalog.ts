import type pg from 'pg';

/** A column in PostgreSQL's spelling; `default` is the expression, null without one. */
export type CatalogColumn = { name: string; type: string; nullable: boolean; default: string | null };

/** The columns of a table of the schema `public`, in order; empty without such a table. */
export async function readColumns(client: pg.ClientBase, table: string): Promise<CatalogColumn[]> {
  const { rows } = await client.query<CatalogColumn>(
    `select attname as name, format_type(atttypid, atttypmod) as type, not attnotnull as nullable,
       pg_get_expr(adbin, adrelid) as default
     from pg_attribute
     left join pg_attrdef on adrelid = attrelid and adnum = attnum
     where attrelid = to_regclass(format('public.%I', $1::text)) and attnum > 0 and not attisdropped
     order by attnum`,
    [table],
  );
  return rows;
}

export async function readTables(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace in ('public'::regnamespace, to_regnamespace('drizzle')) and relkind in ('r', 'p')
     order by relname`,
  );
  return rows.map(({ name }) => name);
}

/** Enum types of the schema `public` with their labels in order. */
export async function readEnums(client: pg.ClientBase): Promise<Record<string, string[]>> {
  const { rows } = await client.query<{ name: string; labels: string[] }>(
    `select typname as name, array_agg(enumlabel::text order by enumsortorder) as labels
     from pg_type join pg_enum on enumtypid = pg_type.oid
     where typnamespace = 'public'::regnamespace
     group by typname`,
  );
  return Object.fromEntries(rows.map(({ name, labels }) => [name, labels]));
}

/**
 * Valid indexes of the schema `public` except primary keys: the definition from `using` on, after `unique` for unique
 * ones.
 */
export async function readIndexes(client: pg.ClientBase): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; unique: boolean; table: string; definition: string }>(
    `select relname as name, indisunique as unique, indrelid::regclass::text as table, pg_get_indexdef(indexrelid) as definition
     from pg_index join pg_class on pg_class.oid = indexrelid
     where relnamespace = 'public'::regnamespace and indisvalid and not indisprimary`,
  );
  const describe = (row: (typeof rows)[number]) =>
    `${row.unique ? 'unique ' : ''}${row.table} ${row.definition.replace(/^.* USING btree /, '')}`;
  return Object.fromEntries(rows.map((row) => [row.name, describe(row)]));
}

/** Validated foreign keys of the schema `public` with their definitions. */
export async function readForeignKeys(client: pg.ClientBase): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; table: string; definition: string }>(
    `select conname as name, conrelid::regclass::text as table, pg_get_constraintdef(oid) as definition
     from pg_constraint
     where connamespace = 'public'::regnamespace and contype = 'f' and convalidated`,
  );
  return Object.fromEntries(rows.map(({ name, table, definition }) => [name, `${table} ${definition}`]));
}

/** The differences between two records, one line each, by name. */
export function differences(expected: Record<string, unknown>, actual: Record<string, unknown>): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
  return names.flatMap((name) => {
    const [wanted, found] = [JSON.stringify(expected[name]), JSON.stringify(actual[name])];
    if (wanted === found) return [];
    if (wanted === undefined) return [`${name}: not expected, found ${found}`];
    if (found === undefined) return [`${name}: missing`];
    return [`${name}: expected ${wanted}, found ${found}`];
  });
}
