export const objectKinds = [
  'extension',
  'enum',
  'type',
  'sequence',
  'function',
  'table',
  'column',
  'constraint',
  'index',
  'view',
  'trigger',
  'policy',
  'rule',
] as const;
export type ObjectKind = (typeof objectKinds)[number];

export type Fact = string | number | boolean | null | string[];

/**
 * One object of a database as PostgreSQL describes it. Expressions are printed by the server with only the schema on
 * the search path, so that equal objects in two schemas have equal facts.
 */
export type CatalogObject = {
  kind: ObjectKind;
  table: string | null;
  name: string;
  facts: { readonly [fact: string]: Fact };
};

export type Catalog = readonly CatalogObject[];

const parts = new WeakMap<Catalog, Map<string | null, CatalogObject[]>>();

/** The columns, constraints and other parts of a table. A catalogue is sorted by table once, at the first call. */
export function partsOf(catalog: Catalog, table: string): readonly CatalogObject[] {
  const sorted = parts.get(catalog) ?? Map.groupBy(catalog, (object) => object.table);
  parts.set(catalog, sorted);
  return sorted.get(table) ?? [];
}

/** Identifies an object across catalogues. */
export function keyOf({ kind, table, name }: Pick<CatalogObject, 'kind' | 'table' | 'name'>): string {
  return JSON.stringify([kind, table, name]);
}

/** For people: `orders.name` for a part of a table, else the name. */
export function titleOf({ table, name }: Pick<CatalogObject, 'table' | 'name'>): string {
  return table === null ? name : `${table}.${name}`;
}

export function sortObjects(objects: Catalog): CatalogObject[] {
  const compare = (a: CatalogObject, b: CatalogObject) =>
    objectKinds.indexOf(a.kind) - objectKinds.indexOf(b.kind) ||
    order(a.table ?? '', b.table ?? '') ||
    Number(a.facts['position'] ?? 0) - Number(b.facts['position'] ?? 0) ||
    order(a.name, b.name);
  return objects.toSorted(compare);
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function sameFact(a: Fact | undefined, b: Fact | undefined): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/** The form of references in the fact `needs`: kind, table and name, separated by tabs. */
export function needOf({ kind, table, name }: Pick<CatalogObject, 'kind' | 'table' | 'name'>): string {
  return [kind, table ?? '', name].join('\t');
}

/** References to the objects that this one depends on. */
export function needsOf(object: CatalogObject | null): readonly string[] {
  const needs = object?.facts['needs'];
  return Array.isArray(needs) ? needs : [];
}

/** For a reference to a part of a table, the table's. */
export function tableOfNeed(need: string): string | undefined {
  const [, table] = need.split('\t');
  return table ? needOf({ kind: 'table', table: null, name: table }) : undefined;
}
