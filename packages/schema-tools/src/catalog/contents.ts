import type pg from 'pg';
import { type Catalog, partsOf } from './objects.ts';
import { nameOf, quoteName, quoteText, tokenize } from '../text/sql-text.ts';

/** The contents of a table: its number of rows, and for each column a checksum over values with their keys. */
export type TableContents = { rows: number; columns: { [column: string]: string } };
export type Contents = { [table: string]: TableContents };

export type EntryOfLedger = { ledger: string; act: number };

/**
 * Measures the contents of tables, so that two measurements reveal a changed row or value. A value counts as text with
 * its row's primary key, regardless of the order of rows and of the column's type. One scan per table.
 * @param tables names that are no tables are ignored
 * @param act an entry of the ledger: values are measured as they were before it
 */
export async function measureContents(
  client: pg.ClientBase,
  catalog: Catalog,
  tables: Iterable<string>,
  act?: EntryOfLedger,
): Promise<Contents> {
  const changed = Map.groupBy(act === undefined ? [] : await readChangedColumns(client, act), ({ table }) => table);
  const contents: Contents = {};
  for (const table of [...new Set(tables)].sort()) {
    const columns = columnsOf(catalog, table);
    const originals = (changed.get(table) ?? []).map(({ column }) => column);
    const key = keyColumns(catalog, table);
    if (columns.length > 0) contents[table] = await measureTable(client, { table, columns, key, originals, act });
  }
  return contents;
}

async function readChangedColumns(
  client: pg.ClientBase,
  { ledger, act }: EntryOfLedger,
): Promise<{ table: string; column: string }[]> {
  const { rows } = await client.query<{ table: string; column: string }>(
    `select distinct table_name as "table", column_name as "column" from drizzle.${ledger}_originals where ledger_id = $1`,
    [act],
  );
  return rows;
}

/** The differences between two measurements, in sentences, for tables and columns in both. */
export function contentChanges(before: Contents, after: Contents): string[] {
  return Object.entries(before).flatMap(([table, was]) => {
    const is = after[table];
    if (!is) return [];
    const changed = Object.keys(was.columns).filter(
      (name) => name in is.columns && is.columns[name] !== was.columns[name],
    );
    return [
      ...(was.rows === is.rows ? [] : [`${table} had ${was.rows} rows and has ${is.rows}`]),
      ...changed.map((name) => `values of ${table}.${name} changed`),
    ];
  });
}

function columnsOf(catalog: Catalog, table: string): string[] {
  return partsOf(catalog, table)
    .filter(({ kind }) => kind === 'column')
    .map(({ name }) => name);
}

export function keyColumns(catalog: Catalog, table: string): string[] {
  const key = partsOf(catalog, table).find(
    ({ kind, facts }) => kind === 'constraint' && facts['type'] === 'primary key',
  );
  const columns = new Set(columnsOf(catalog, table));
  const tokens = tokenize(String(key?.facts['definition'] ?? ''));
  const end = tokens.findIndex(({ text }) => text === ')');
  return tokens
    .slice(tokens.findIndex(({ text }) => text === '(') + 1, end)
    .flatMap((token) => (token.type === 'word' || token.type === 'quoted' ? [nameOf(token)] : []))
    .filter((name) => columns.has(name));
}

/** SQL for a row's key as text: its single value, or JSON. */
export function keyExpression(key: readonly string[]): string {
  const [only, second] = key;
  if (only === undefined) return `''`;
  return second === undefined
    ? `${quoteName(only)}::text`
    : `jsonb_build_array(${key.map(quoteName).join(', ')})::text`;
}

type Measured = {
  table: string;
  columns: string[];
  key: string[];
  originals: string[];
  act: EntryOfLedger | undefined;
};

// Two sums over 64-bit hashes with different seeds make a collision practically impossible. Values are numbered, since
// columns may have any name.
async function measureTable(
  client: pg.ClientBase,
  { table, columns, key, originals, act }: Measured,
): Promise<TableContents> {
  const sums = columns.map((_, index) => {
    const value = `measured_row.key || ${quoteText('\u001f')} || coalesce('=' || measured_row.${numbered(index)}, '')`;
    return `coalesce(sum(hashtextextended(${value}, 1)::numeric), 0) || ':' || coalesce(sum(hashtextextended(${value}, 2)::numeric), 0)`;
  });
  const joins = originals.map(
    (name, index) => `left join drizzle.${act?.ledger}_originals as ${numbered(index)}
      on ${numbered(index)}.ledger_id = ${act?.act} and ${numbered(index)}.table_name = ${quoteText(table)}
        and ${numbered(index)}.column_name = ${quoteText(name)} and ${numbered(index)}.row_key = measured_row.key`,
  );
  const values = columns.map((name, index) => {
    const value = `measured_row.${numbered(index)}`;
    const kept = originals.indexOf(name);
    if (kept < 0) return value;
    return `case when ${numbered(kept)}.ledger_id is null then ${value} else ${numbered(kept)}.original #>> '{}' end`;
  });
  const names = ['key', ...columns.map((_, index) => numbered(index))].join(', ');
  const texts = columns.map((name) => `${quoteName(name)}::text`);
  const { rows } = await client.query<[string | number, ...string[]]>({
    text: `select count(*), ${sums.join(', ')} from (
      select measured_row.key, ${values.join(', ')}
      from (select ${[keyExpression(key), ...texts].join(', ')} from ${quoteName(table)}) as measured_row (${names}) ${joins.join(' ')}
    ) as measured_row (${names})`,
    rowMode: 'array',
  });
  const [count = 0, ...hashes] = rows[0] ?? [];
  return {
    rows: Number(count),
    columns: Object.fromEntries(columns.map((name, index) => [name, hashes[index] ?? ''])),
  };
}

function numbered(index: number): string {
  return `value_${index}`;
}
