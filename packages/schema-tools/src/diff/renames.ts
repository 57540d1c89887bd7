import {
  type Catalog,
  type CatalogObject,
  type Fact,
  keyOf,
  needOf,
  needsOf,
  type ObjectKind,
  tableOfNeed,
} from '../catalog/objects.ts';
import { quoteName, renameIdentifiers } from '../text/sql-text.ts';
import { vocabulary } from './vocabulary.ts';

export type Rename = { expected: CatalogObject; actual: CatalogObject };

/**
 * Pairs missing with extra objects that differ by name only: enum types by labels, tables by columns, columns by place
 * and facts, others by all facts.
 */
export function pairRenamed(expected: Catalog, actual: Catalog): Rename[] {
  const types = [
    ...pairEnums(expected, actual),
    ...pairExchanged('enum', expected, actual, [labelsOf, labelsOf], actual),
    ...pairKind('type', expected, actual, signature, actual),
  ];
  const typed = withNames(actual, types);
  const outer = [...types, ...pairTables(expected, typed, actual)];
  const placed = withNames(actual, outer);
  const columns = [
    ...pairKind('column', expected, placed, signatureInPlace, actual),
    ...pairExchanged('column', expected, placed, [signatureInPlace, signatureInPlace], actual),
  ];
  const inside = withNames(actual, [...outer, ...columns]);
  const standing = (['function', 'view'] as const).flatMap((kind) =>
    pairKind(kind, expected, inside, signature, actual),
  );
  const renames = [...outer, ...columns, ...standing];
  const named = withNames(actual, renames);
  const rest = (['sequence', 'constraint', 'index', 'trigger', 'policy', 'rule'] as const).flatMap((kind) =>
    pairKind(kind, expected, named, signature, actual),
  );
  return [...renames, ...rest];
}

function pairEnums(expected: Catalog, actual: Catalog): Rename[] {
  return pairKind('enum', expected, actual, labelsOf, actual);
}

function labelsOf({ facts }: CatalogObject): string {
  return JSON.stringify(facts['labels']);
}

/**
 * Pairs objects with exchanged names: each exists and differs from the expected one of its name, and they are alike in
 * a circle. Two that are alike have nothing by which an exchange of their names could be seen.
 * @param originals the actual objects under their own names, in the order of `actual`
 */
function pairExchanged(
  kind: ObjectKind,
  expected: Catalog,
  actual: Catalog,
  [ofExpected, ofActual]: readonly [Describe, Describe],
  originals: Catalog,
): Rename[] {
  const there = new Map(actual.filter((object) => object.kind === kind).map((object) => [keyOf(object), object]));
  const unlike = expected.flatMap((wanted): Rename[] => {
    const other = wanted.kind === kind ? there.get(keyOf(wanted)) : undefined;
    return other && ofExpected(wanted) !== ofActual(other) ? [{ expected: wanted, actual: other }] : [];
  });
  const [lost, found] = [unlike.map((each) => each.expected), unlike.map((each) => each.actual)];
  return withOriginals(circlesOf(pairBy(lost, found, ofExpected, ofActual)), actual, originals);
}

// What gives up its name without getting one of the others was made otherwise than by an exchange.
function circlesOf(pairs: Rename[]): Rename[] {
  const given = new Set(pairs.map(({ expected }) => keyOf(expected)));
  const taken = new Set(pairs.map(({ actual }) => keyOf(actual)));
  const closed = pairs.filter(({ expected, actual }) => taken.has(keyOf(expected)) && given.has(keyOf(actual)));
  return closed.length === pairs.length ? pairs : circlesOf(closed);
}

/** @param originals the actual objects under their live names, in the order of `actual` */
function pairTables(expected: Catalog, actual: Catalog, originals: Catalog): Rename[] {
  const [wanted, there] = [columnsByTable(expected), columnsByTable(actual)];
  const ofExpected: Describe = ({ name }) => JSON.stringify(wanted.get(name) ?? []);
  const ofActual: Describe = ({ name }) => JSON.stringify(there.get(name) ?? []);
  const exchanged = pairExchanged('table', expected, actual, [ofExpected, ofActual], originals);
  const lost = missing('table', expected, actual);
  if (lost.length === 0) return exchanged;
  const found = missing('table', actual, expected);
  const pairs = pairBy(lost, found, ofExpected, ofActual);
  const paired = new Set(pairs.flatMap((pair) => [pair.expected, pair.actual]));
  const free = new Set(found.filter((table) => !paired.has(table)));
  for (const table of lost.filter((each) => !paired.has(each))) {
    const alike = [...free].find(({ name }) => areAlike(wanted.get(table.name) ?? [], there.get(name) ?? []));
    if (!alike || !free.delete(alike)) continue;
    pairs.push({ expected: table, actual: alike });
  }
  return [...exchanged, ...withOriginals(pairs, actual, originals)];
}

type Describe = (object: CatalogObject) => string;

type Columns = [string, Fact | undefined][];

// A table that was renamed and changed still has most of its columns.
function areAlike(wanted: Columns, there: Columns): boolean {
  const names = new Set(there.map(([name]) => name));
  const shared = wanted.filter(([name]) => names.has(name)).length;
  return shared > 2 && 3 * shared > 2 * Math.max(wanted.length, there.length);
}

function columnsByTable(catalog: Catalog): Map<string | null, Columns> {
  const columns = new Map<string | null, Columns>();
  for (const { kind, table, name, facts } of catalog) {
    if (kind !== 'column') continue;
    const known = columns.get(table);
    if (known) known.push([name, facts['type']]);
    else columns.set(table, [[name, facts['type']]]);
  }
  return columns;
}

// The position distinguishes a renamed column from a similar one.
function signatureInPlace(column: CatalogObject): string {
  return JSON.stringify([column.table, column.facts['position'], comparable(column)]);
}

function signature(object: CatalogObject): string {
  const { kind, table, name } = object;
  const inputs = kind === 'function' ? name.slice(quoteName(bareName(object)).length) : '';
  return JSON.stringify([table, inputs, comparable(withOwnName(object, ''))]);
}

/** Replaces the object's name in its definition, for kinds whose definition contains it. */
export function withOwnName(object: CatalogObject, wanted: string): CatalogObject {
  if (!['function', 'trigger', 'rule'].includes(object.kind)) return object;
  const own = bareName(object);
  const rename = (each: string) => (each === own ? wanted : undefined);
  return { ...object, facts: mapTexts(object.facts, (text) => renameIdentifiers(text, rename)) };
}

function comparable({ kind, facts }: CatalogObject): [string, Fact][] {
  return Object.keys(vocabulary[kind].facts).map((fact) => [fact, facts[fact] ?? null]);
}

/** @param originals the actual objects under their live names, in the order of `actual` */
function pairKind(
  kind: ObjectKind,
  expected: Catalog,
  actual: Catalog,
  describe: (object: CatalogObject) => string,
  originals: Catalog,
): Rename[] {
  const lost = missing(kind, expected, actual);
  if (lost.length === 0) return [];
  return withOriginals(pairBy(lost, missing(kind, actual, expected), describe, describe), actual, originals);
}

function withOriginals(pairs: Rename[], actual: Catalog, originals: Catalog): Rename[] {
  if (pairs.length === 0) return [];
  const original = new Map(actual.map((object, index) => [object, originals[index] ?? object]));
  return pairs.map((pair) => ({ expected: pair.expected, actual: original.get(pair.actual) ?? pair.actual }));
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
  const free = new Map<string, CatalogObject[]>();
  for (const candidate of found.toReversed()) {
    const described = ofFound(candidate);
    free.set(described, [...(free.get(described) ?? []).slice(-lost.length + 1), candidate]);
  }
  return lost.flatMap((expected) => {
    const actual = free.get(ofLost(expected))?.pop();
    return actual ? [{ expected, actual }] : [];
  });
}

const namespaced: ReadonlySet<ObjectKind> = new Set(['table', 'view', 'enum', 'type', 'function']);

/**
 * The catalogue under the expected names of tables, views, types, functions and columns, in unchanged order. A text is
 * changed only for the objects that it depends on, since a column may have the former name of a table.
 */
export function withNames(catalog: Catalog, renames: Rename[]): CatalogObject[] {
  const outer = new Map<string, CatalogObject>();
  const columns = new Map<string, Map<string, string>>();
  for (const { expected, actual } of renames) {
    if (namespaced.has(expected.kind)) outer.set(needOf(actual), expected);
    if (expected.kind !== 'column' || actual.table === null) continue;
    const own = columns.get(actual.table) ?? new Map<string, string>();
    columns.set(actual.table, own.set(actual.name, expected.name));
  }
  if (outer.size === 0 && columns.size === 0) return [...catalog];
  return catalog.map((object) => renamed(object, outer, columns));
}

function renamed(
  object: CatalogObject,
  outer: ReadonlyMap<string, CatalogObject>,
  columns: ReadonlyMap<string, ReadonlyMap<string, string>>,
): CatalogObject {
  const { kind, table, facts } = object;
  const inner = new Map(columns.get(table ?? ''));
  const around = new Map<string, string>();
  const host = ['table', 'view'].map((each) => outer.get([each, '', table ?? ''].join('\t'))).find(Boolean);
  if (host && table !== null) around.set(table, host.name);
  for (const need of needsOf(object)) {
    const [, owner = '', name = ''] = need.split('\t');
    const wanted = columns.get(owner)?.get(name);
    if (wanted !== undefined) inner.set(name, wanted);
    const other = outer.get(need) ?? outer.get(tableOfNeed(need) ?? '');
    if (other) around.set(owner === '' ? bareName({ kind: other.kind, name }) : owner, bareName(other));
  }
  const own = outer.get(needOf(object));
  if (own && kind === 'function') around.set(bareName(object), bareName(own));
  const rename = (each: string) => inner.get(each) ?? around.get(each);
  return {
    ...object,
    table: host?.name ?? table,
    name: own?.name ?? (kind === 'column' ? (inner.get(object.name) ?? object.name) : withArguments(object, rename)),
    facts: mapTexts(facts, (text) => renameIdentifiers(text, rename)),
  };
}

// A function's identity includes its argument types, which may be renamed too.
function withArguments(object: CatalogObject, rename: (name: string) => string | undefined): string {
  if (object.kind !== 'function') return object.name;
  const own = quoteName(bareName(object));
  return `${own}${renameIdentifiers(object.name.slice(own.length), rename)}`;
}

/** A function's name without argument types. */
export function bareName({ kind, name }: Pick<CatalogObject, 'kind' | 'name'>): string {
  if (kind !== 'function') return name;
  const [, quoted, bare = ''] = /^(?:"((?:[^"]|"")*)"|([^(]*))\(/s.exec(name) ?? [];
  return quoted?.replaceAll('""', '"') ?? bare;
}

const textLists: ReadonlySet<string> = new Set(['inherits', 'checks', 'defaults']);

// Labels are data and comments are prose: neither refers to objects.
function mapTexts(facts: CatalogObject['facts'], change: (text: string) => string): CatalogObject['facts'] {
  return Object.fromEntries(
    Object.entries(facts).map(([fact, value]) => {
      if (typeof value === 'string') return [fact, fact === 'comment' ? value : change(value)];
      return [fact, Array.isArray(value) && textLists.has(fact) ? value.map(change) : value];
    }),
  );
}
