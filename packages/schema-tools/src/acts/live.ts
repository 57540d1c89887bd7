import type pg from 'pg';
import { type Catalog, type CatalogObject, keyOf, type ObjectKind } from '../catalog/objects.ts';
import { readCatalogWithin } from '../catalog/read.ts';
import { rolledBack } from '../history/transaction.ts';
import { withSameTexts } from './opinion.ts';

export type LiveOptions = { schema?: string; expected: readonly Catalog[] };

/**
 * Reads a schema for comparison: finds objects that were moved to another schema, and replaces texts that this server
 * considers equal by the expected ones. The connection must not be in a transaction.
 */
export async function readLive(client: pg.ClientBase, options: LiveOptions): Promise<Catalog> {
  return rolledBack(client, () => readLiveWithin(client, options));
}

/** As {@link readLive}, in the caller's transaction, whose search path is set to the schema. */
export async function readLiveWithin(
  client: pg.ClientBase,
  { schema = 'public', expected }: LiveOptions,
): Promise<Catalog> {
  const here = await readCatalogWithin(client, schema);
  const live = await withMoved(client, here, schema, expected);
  return withSameTexts(client, live, { schema, expected });
}

const movable: ReadonlySet<ObjectKind> = new Set(['table', 'enum', 'type', 'sequence', 'view', 'function']);

// With both schemas on the search path, no text contains their names.
async function withMoved(
  client: pg.ClientBase,
  here: Catalog,
  schema: string,
  expected: readonly Catalog[],
): Promise<Catalog> {
  const present = new Set(here.map(keyOf));
  const wanted = new Map(expected.flat().map((object) => [keyOf(object), object]));
  const lost = [...wanted.values()].filter(
    (object) => movable.has(object.kind) && !present.has(keyOf(object)) && object.facts['ownedBy'] === undefined,
  );
  const schemas = await findSchemas(client, lost, schema);
  if (schemas.length === 0) return here;
  const path = [schema, ...schemas];
  const moved: CatalogObject[] = [];
  for (const other of schemas)
    moved.push(...takeMoved(await readCatalogWithin(client, other, path), other, lost, wanted));
  return [...(await readCatalogWithin(client, schema, path)), ...moved];
}

async function findSchemas(client: pg.ClientBase, lost: readonly CatalogObject[], schema: string): Promise<string[]> {
  if (lost.length === 0) return [];
  const names = lost.map(({ name }) => name.replace(/\(.*$/s, ''));
  const { rows } = await client.query<{ schema: string }>(
    `select distinct n.nspname as "schema" from pg_catalog.pg_namespace n
     where n.nspname <> $2 and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       and (exists (select from pg_catalog.pg_class c where c.relnamespace = n.oid and c.relname = any ($1))
         or exists (select from pg_catalog.pg_type t where t.typnamespace = n.oid and t.typname = any ($1))
         or exists (select from pg_catalog.pg_proc p where p.pronamespace = n.oid and p.proname = any ($1)))
     order by 1`,
    [names, schema],
  );
  return rows.map((row) => row.schema);
}

// A name alone proves nothing: a table is recognised by its columns, a type by its labels.
function takeMoved(
  found: Catalog,
  schema: string,
  lost: readonly CatalogObject[],
  wanted: ReadonlyMap<string, CatalogObject>,
): CatalogObject[] {
  const keys = new Set(lost.map(keyOf));
  const columns = (catalog: Iterable<CatalogObject>, name: string) =>
    [...catalog]
      .filter(({ kind, table }) => kind === 'column' && table === name)
      .map((column) => column.name)
      .join();
  const isOurs = (object: CatalogObject) => {
    if (!keys.has(keyOf(object))) return false;
    if (object.kind === 'table') return columns(found, object.name) === columns(wanted.values(), object.name);
    return JSON.stringify(object.facts['labels']) === JSON.stringify(wanted.get(keyOf(object))?.facts['labels']);
  };
  const ours = found.filter(isOurs);
  const tables = new Set(ours.filter(({ kind }) => kind === 'table' || kind === 'view').map(({ name }) => name));
  const parts = found.filter(({ table, facts }) =>
    tables.has(table ?? String(facts['ownedBy'] ?? '').split('.')[0] ?? ''),
  );
  return [...ours.map((object) => ({ ...object, facts: { ...object.facts, schema } })), ...parts];
}
