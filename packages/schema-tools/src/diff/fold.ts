import { type CatalogObject, needOf, needsOf, type ObjectKind, tableOfNeed } from '../catalog/objects.ts';
import { type Difference, textFact, objectOf } from './diff.ts';
import { pairUniques } from './uniques.ts';

/**
 * Folds consequences under their cause, so that each cause is reported once: parts of a missing or extra table, what
 * PostgreSQL drops with a column, type, key or function, what comes with an added column, and texts that changed with a
 * type. Dependencies come from pg_depend, so each difference is looked up once.
 * @param byDrop assume manual drops: an index missing with its column was dropped with it. Otherwise each missing
 * object is reported
 */
export function foldDifferences(differences: readonly Difference[], byDrop: boolean): Difference[] {
  const uniques = pairUniques(differences);
  const known = indexOf(uniques);
  const hosts = new Map<Difference, Difference>();
  for (const each of uniques) {
    const host = hostOf(each, known, byDrop);
    if (host && host !== each) hosts.set(each, host);
  }
  const folded = new Map<Difference, Difference[]>();
  for (const each of hosts.keys()) {
    const root = rootOf(each, hosts);
    if (root === each) continue;
    const parts = folded.get(root);
    if (parts) parts.push(each);
    else folded.set(root, [each]);
  }
  const hidden = new Set([...folded.values()].flat());
  return uniques
    .filter((each) => !hidden.has(each))
    .map((each) => ({ ...each, folded: [...each.folded, ...(folded.get(each) ?? [])] }));
}

function rootOf(difference: Difference, hosts: Map<Difference, Difference>): Difference {
  const seen = new Set<Difference>();
  let root = difference;
  for (let host = hosts.get(root); host && !seen.has(host); host = hosts.get(root)) {
    seen.add(root);
    root = host;
  }
  return root;
}

const isMissing = ({ expected, actual }: Difference) => expected !== null && actual === null;
const isExtra = ({ expected, actual }: Difference) => expected === null && actual !== null;

/** Possible causes by what their consequences refer to. */
type Index = {
  missing: Map<string, Difference>;
  extra: Map<string, Difference>;
  /** Changed objects by code and reference. */
  changed: Map<string, Difference>;
  /** Extra primary keys by the columns that they make NOT NULL. */
  primaryKeys: Map<string, Difference>;
  /** Renamed sequences by their live reference. */
  sequences: Map<string, Difference>;
  /** Missing and renamed tables, views and sequences by name. */
  lostRelations: Map<string, Difference>;
};

const relations: ReadonlySet<ObjectKind | undefined> = new Set(['table', 'view', 'sequence']);
const changes: ReadonlySet<Difference['code']> = new Set([
  'column_identity',
  'column_type',
  'enum_values',
  'renamed_enum',
  'foreign_keys_off',
]);

function indexOf(differences: readonly Difference[]): Index {
  const index: Index = {
    missing: new Map(),
    extra: new Map(),
    changed: new Map(),
    primaryKeys: new Map(),
    sequences: new Map(),
    lostRelations: new Map(),
  };
  for (const each of differences) {
    const object = objectOf(each);
    const key = needOf(object);
    if (isMissing(each)) index.missing.set(key, each);
    if (isExtra(each)) index.extra.set(key, each);
    if (isExtra(each) && textFact(object, 'type') === 'primary key') {
      for (const need of needsOf(object)) index.primaryKeys.set(need, each);
    }
    if (each.code === 'renamed_sequence' && each.actual) index.sequences.set(needOf(each.actual), each);
    if (changes.has(each.code)) index.changed.set(`${each.code} ${key}`, each);
    const isLost = isMissing(each) || each.code === `renamed_${object.kind}`;
    if (isLost && relations.has(object.kind)) index.lostRelations.set(object.name, each);
  }
  return index;
}

function hostOf(part: Difference, known: Index, byDrop: boolean): Difference | undefined {
  if (isMissing(part)) return hostOfMissing(part, known, byDrop);
  if (isExtra(part)) return hostOfExtra(part, known);
  return hostOfChanged(part, known, byDrop);
}

// A table takes its parts with it, and the keys that refer to it. DROP … CASCADE takes dependents: indexes, keys and
// checks of columns, columns of types, triggers of functions, views of all of them.
function hostOfMissing({ expected }: Difference, { missing, changed }: Index, byDrop: boolean): Difference | undefined {
  const own = tableHost(expected, missing);
  if (own) return own;
  const needs = needsOf(expected);
  const isForeignKey = textFact(expected, 'type') === 'foreign key';
  const tables = isForeignKey ? needs.map((need) => missing.get(tableOfNeed(need) ?? '')) : [];
  const direct = byDrop || expected?.kind === 'sequence' ? needs.map((need) => missing.get(need)) : [];
  const cascaded = byDrop ? needs.map((need) => missing.get(tableOfNeed(need) ?? '')) : [];
  const host = [...tables, ...direct, ...cascaded].find(Boolean);
  return host ?? (expected?.kind === 'sequence' ? identityHost(expected, changed) : undefined);
}

// Keys, indexes, triggers and views of an added column, and the sequence of a serial one.
function hostOfExtra({ actual }: Difference, { extra, changed, lostRelations }: Index): Difference | undefined {
  const own = tableHost(actual, extra);
  if (own) return own;
  const needs = needsOf(actual);
  const isForeignKey = textFact(actual, 'type') === 'foreign key';
  const tables = isForeignKey ? needs.map((need) => extra.get(tableOfNeed(need) ?? '')) : [];
  const columns = needs.filter((need) => need.startsWith('column\t')).map((need) => extra.get(need));
  const host = [...tables, ...columns].find(Boolean);
  if (host) return host;
  // A relation that replaces a dropped or renamed one.
  if (actual && relations.has(actual.kind)) {
    const replaced = lostRelations.get(actual.name);
    if (replaced) return replaced;
  }
  return actual?.kind === 'sequence' ? identityHost(actual, changed) : undefined;
}

function hostOfChanged(part: Difference, known: Index, byDrop: boolean): Difference | undefined {
  const { code, expected, actual, facts } = part;
  const needs = needsOf(expected);
  switch (code) {
    case 'column_default': {
      const type = textFact(expected, 'type')?.replace(/(\[\]|\(.*\))$/, '') ?? '';
      const renamed = enumHost(type, known);
      if (renamed && sameButCasts(expected, actual, 'default')) return renamed;
      const sequence = needsOf(actual)
        .map((need) => known.sequences.get(need))
        .find(Boolean);
      if (sequence?.expected && needs.includes(needOf(sequence.expected))) return sequence;
      // DROP … CASCADE of a sequence or function removes the defaults that call it.
      const isLost = byDrop && textFact(actual, 'default') === undefined;
      return isLost ? needs.map((need) => known.missing.get(need)).find(Boolean) : undefined;
    }
    case 'column_nullable':
      // A primary key makes its columns NOT NULL.
      return actual?.facts['nullable'] === false ? known.primaryKeys.get(needOf(actual)) : undefined;
    case 'trigger_disabled':
      return textFact(actual, 'fires') === 'never' && expected?.table
        ? known.changed.get(`foreign_keys_off ${needOf({ kind: 'table', table: null, name: expected.table })}`)
        : undefined;
    default:
      // Texts that differ by casts, after a change of a column's type.
      return facts.includes('definition') && sameButCasts(expected, actual, 'definition')
        ? needs.map((need) => known.changed.get(`column_type ${need}`)).find(Boolean)
        : undefined;
  }
}

function tableHost(object: CatalogObject | null, side: Map<string, Difference>): Difference | undefined {
  if (object === null || object.table === null) return undefined;
  return (
    side.get(needOf({ kind: 'table', table: null, name: object.table })) ??
    side.get(needOf({ kind: 'view', table: null, name: object.table }))
  );
}

// Becoming an identity creates a sequence, ceasing to be one drops it.
function identityHost(sequence: CatalogObject, changed: Map<string, Difference>): Difference | undefined {
  return needsOf(sequence)
    .map((need) => changed.get(`column_identity ${need}`))
    .find(Boolean);
}

function enumHost(name: string, { changed }: Index): Difference | undefined {
  const key = needOf({ kind: 'enum', table: null, name });
  return changed.get(`renamed_enum ${key}`) ?? changed.get(`enum_values ${key}`);
}

function sameButCasts(expected: CatalogObject | null, actual: CatalogObject | null, fact: string): boolean {
  return withoutCasts(textFact(expected, fact)) === withoutCasts(textFact(actual, fact));
}

function withoutCasts(sql: string | undefined): string | undefined {
  return sql
    ?.replaceAll(/::("[^"]+"|[a-z_][\w ]*?)(\(\d+(,\d+)?\))?(\[\])?(?=[^\w ]|$| [A-Z<>=!])/g, '')
    .replaceAll(/[()\s]/g, '');
}
