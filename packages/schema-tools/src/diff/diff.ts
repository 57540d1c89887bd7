import { type Catalog, type CatalogObject, type Fact, keyOf, sameFact } from '../catalog/objects.ts';
import type { DriftCode } from './codes.ts';
import { bareName, pairRenamed, withNames, withOwnName } from './renames.ts';
import { vocabulary } from './vocabulary.ts';

export type Difference = {
  code: DriftCode;
  expected: CatalogObject | null;
  actual: CatalogObject | null;
  /** Differing facts; empty for a missing, extra or renamed object. */
  facts: string[];
  /** The name that a renamed object should have is another one's here. */
  isTaken?: true;
  /** Consequences of this difference, which disappear with it. */
  folded: Difference[];
};

/**
 * The differences between two catalogues, in the order of the expected, then of the actual one. Renamed objects are
 * paired, and references to them compared under the expected names.
 */
export function diffCatalogs(expected: Catalog, actual: Catalog): Difference[] {
  const renames = pairRenamed(expected, actual);
  const renamed = new Map(renames.map((pair) => [keyOf(pair.actual), pair]));
  const found = new Map(
    withNames(actual, renames).map((object, index) => {
      // withNames keeps the order, so the index finds the object under its live name.
      const original = actual[index] ?? object;
      const pair = renamed.get(keyOf(original));
      const named = pair ? withOwnName(object, bareName(pair.expected)) : object;
      return [pair ? keyOf(pair.expected) : keyOf(object), { object: named, original }] as const;
    }),
  );
  const expectedKeys = new Set(expected.map(keyOf));
  const names = new Set(actual.map(keyOf));
  const differences = renames.map(({ expected: wanted, actual: other }): Difference => {
    const isTaken = names.has(keyOf({ ...wanted, table: other.table }));
    const code = vocabulary[wanted.kind].renamed ?? vocabulary[wanted.kind].missing;
    return { ...difference(code, wanted, other), ...(isTaken && { isTaken }) };
  });
  for (const object of expected) {
    const there = found.get(keyOf(object));
    if (there) differences.push(...diffFacts(object, there.object));
    else differences.push(difference(vocabulary[object.kind].missing, object, null));
  }
  for (const [key, { original }] of found) {
    if (!expectedKeys.has(key)) differences.push(difference(codeOfExtra(original), null, original));
  }
  return differences;
}

function difference(code: DriftCode, expected: CatalogObject | null, actual: CatalogObject | null): Difference {
  return { code, expected, actual, facts: [], folded: [] };
}

function codeOfExtra(object: CatalogObject): DriftCode {
  const { kind, facts } = object;
  const mustBeGiven =
    kind === 'column' && facts['nullable'] === false && !facts['default'] && !facts['identity'] && !facts['generated'];
  return mustBeGiven ? 'extra_not_null_column' : vocabulary[kind].extra;
}

// Facts that change as a consequence of another.
const hides: { readonly [code in DriftCode]?: readonly DriftCode[] } = {
  column_generated: ['column_default', 'column_nullable', 'column_identity', 'column_type'],
  column_identity: ['column_default', 'column_nullable'],
  constraint_def: ['constraint_not_valid'],
  column_type: ['column_default', 'column_collation'],
};

function diffFacts(expected: CatalogObject, actual: CatalogObject): Difference[] {
  const byCode = new Map<DriftCode, Difference>();
  for (const [fact, code] of Object.entries(vocabulary[expected.kind].facts)) {
    if (sameFact(expected.facts[fact], actual.facts[fact])) continue;
    const known = byCode.get(code) ?? difference(code, expected, actual);
    byCode.set(code, { ...known, facts: [...known.facts, fact] });
  }
  const hidden = new Set([...byCode.keys()].flatMap((code) => hides[code] ?? []));
  return [...byCode.values()].filter(({ code }) => !hidden.has(code));
}

/** The object of a difference, under the expected name where there is one. */
export function objectOf({ expected, actual }: Difference): CatalogObject {
  const object = expected ?? actual;
  if (!object) throw new Error('a difference has at least one side');
  return object;
}

export function textFact(object: CatalogObject | null | undefined, fact: string): string | undefined {
  const value: Fact | undefined = object?.facts[fact];
  return typeof value === 'string' ? value : undefined;
}

export function listFact(object: CatalogObject | null | undefined, fact: string): string[] {
  const value = object?.facts[fact];
  return Array.isArray(value) ? value : [];
}
