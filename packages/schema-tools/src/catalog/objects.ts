/** What a schema is made of. */
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
 * One object of a database as PostgreSQL describes it: kind, table and name say which it is, the facts how it is. Texts of
 * expressions are the server's own, printed with the schema alone on the search path, so that equal objects in two
 * schemas have equal facts.
 */
export type CatalogObject = {
  kind: ObjectKind;
  /** The table it belongs to; null for what stands by itself. */
  table: string | null;
  name: string;
  facts: { readonly [fact: string]: Fact };
};

export type Catalog = readonly CatalogObject[];

/** What makes an object the same in two catalogs. */
export function keyOf({ kind, table, name }: Pick<CatalogObject, 'kind' | 'table' | 'name'>): string {
  return JSON.stringify([kind, table, name]);
}

/** The object's name for people: `orders.name` for what belongs to a table, else its own. */
export function titleOf({ table, name }: Pick<CatalogObject, 'table' | 'name'>): string {
  return table === null ? name : `${table}.${name}`;
}

/** Objects in a fixed order: by kind, table and name, columns by position. */
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

/** How one object names another in its fact `needs`: kind, table and name, with tabs between. */
export function needOf({ kind, table, name }: Pick<CatalogObject, 'kind' | 'table' | 'name'>): string {
  return [kind, table ?? '', name].join('\t');
}

/** The objects that this one could not stay without, as `needOf` names them. */
export function needsOf(object: CatalogObject | null): readonly string[] {
  const needs = object?.facts['needs'];
  return Array.isArray(needs) ? needs : [];
}

/** For a need that is a part of a table, the table's need. */
export function tableOfNeed(need: string): string | undefined {
  const [, table] = need.split('\t');
  return table ? needOf({ kind: 'table', table: null, name: table }) : undefined;
}
