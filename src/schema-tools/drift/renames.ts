import { type Catalog, type CatalogObject, type Fact, keyOf, type ObjectKind } from '../catalog/objects.ts';
import { renameIdentifiers } from '../sql-text.ts';
import { vocabulary } from './vocabulary.ts';

/** An expected object and the one that is it under another name. */
export type Rename = { expected: CatalogObject; actual: CatalogObject };

/**
 * Pairs objects that are missing with those that are too many and are the same but for their name: enum types by their
 * labels, tables by their columns, columns by place and facts, the rest by all their facts.
 */
export function pairRenamed(expected: Catalog, actual: Catalog): Rename[] {
  const outer = [...pairEnums(expected, actual), ...pairTables(expected, actual)];
  const columns = pairKind('column', expected, withNames(actual, outer), signatureInPlace, actual);
  const renames = [...outer, ...columns];
  const named = withNames(actual, renames);
  const rest = (['sequence', 'constraint', 'index'] as const).flatMap((kind) =>
    pairKind(kind, expected, named, signature, actual),
  );
  return [...renames, ...rest];
}

function pairEnums(expected: Catalog, actual: Catalog): Rename[] {
  return pairKind('enum', expected, actual, ({ facts }) => JSON.stringify(facts['labels']), actual);
}

function pairTables(expected: Catalog, actual: Catalog): Rename[] {
  const columnsOf = (catalog: Catalog, name: string) =>
    JSON.stringify(
      catalog
        .filter(({ kind, table }) => kind === 'column' && table === name)
        .map((column) => [column.name, column.facts['type']]),
    );
  return pairBy(
    missing('table', expected, actual),
    missing('table', actual, expected),
    ({ name }) => columnsOf(expected, name),
    ({ name }) => columnsOf(actual, name),
  );
}

// The place in the table tells a renamed column from one that happens to be alike.
function signatureInPlace(column: CatalogObject): string {
  return JSON.stringify([column.table, column.facts['position'], comparable(column)]);
}

function signature(object: CatalogObject): string {
  return JSON.stringify([object.table, comparable(object)]);
}

function comparable({ kind, facts }: CatalogObject): [string, Fact][] {
  return Object.keys(vocabulary[kind].facts).map((fact) => [fact, facts[fact] ?? null]);
}

/** @param originals the actual objects under their own names, in the order of `actual` */
function pairKind(
  kind: ObjectKind,
  expected: Catalog,
  actual: Catalog,
  describe: (object: CatalogObject) => string,
  originals: Catalog,
): Rename[] {
  const original = new Map(actual.map((object, index) => [object, originals[index] ?? object]));
  return pairBy(missing(kind, expected, actual), missing(kind, actual, expected), describe, describe).map((pair) => ({
    expected: pair.expected,
    actual: original.get(pair.actual) ?? pair.actual,
  }));
}

function missing(kind: ObjectKind, from: Catalog, other: Catalog): CatalogObject[] {
  const keys = new Set(other.filter((object) => object.kind === kind).map(keyOf));
  return from.filter((object) => object.kind === kind && !keys.has(keyOf(object)));
}

function pairBy(
  lost: CatalogObject[],
  found: CatalogObject[],
  ofLost: (object: CatalogObject) => string,
  ofFound: (object: CatalogObject) => string,
): Rename[] {
  const free = [...found];
  return lost.flatMap((expected) => {
    const index = free.findIndex((candidate) => ofFound(candidate) === ofLost(expected));
    const [actual] = index < 0 ? [] : free.splice(index, 1);
    return actual ? [{ expected, actual }] : [];
  });
}

/** The catalogue as it would be under the expected names of tables, enum types and columns, in the same order. */
export function withNames(catalog: Catalog, renames: Rename[]): CatalogObject[] {
  const outer = namesOf(renames, ['table', 'enum']);
  const columns = renames.filter(({ expected }) => expected.kind === 'column');
  if (outer.size === 0 && columns.length === 0) return [...catalog];
  return catalog.map((object) => {
    const table = object.table === null ? null : (outer.get(object.table) ?? object.table);
    const isNamed = object.kind === 'table' || object.kind === 'enum';
    const inner = new Map(
      columns
        .filter(({ expected }) => expected.table === table || mentions(object, expected.table ?? ''))
        .map(({ expected, actual }) => [actual.name, expected.name]),
    );
    const name =
      isNamed && outer.has(object.name)
        ? (outer.get(object.name) ?? object.name)
        : object.kind === 'column' && table !== null
          ? (inner.get(object.name) ?? object.name)
          : object.name;
    const rename = (each: string) => inner.get(each) ?? outer.get(each);
    return { ...object, table, name, facts: mapTexts(object.facts, (text) => renameIdentifiers(text, rename)) };
  });
}

function namesOf(renames: Rename[], kinds: ObjectKind[]): Map<string, string> {
  const chosen = renames.filter(({ expected }) => kinds.includes(expected.kind));
  return new Map(chosen.map(({ expected, actual }) => [actual.name, expected.name]));
}

function mentions({ facts }: CatalogObject, name: string): boolean {
  return ['definition', 'ownedBy'].some((fact) => String(facts[fact] ?? '').includes(name));
}

// Labels are data and comments are prose: neither names anything.
function mapTexts(facts: CatalogObject['facts'], change: (text: string) => string): CatalogObject['facts'] {
  return Object.fromEntries(
    Object.entries(facts).map(([fact, value]) => [
      fact,
      typeof value === 'string' && fact !== 'comment' ? change(value) : value,
    ]),
  );
}
